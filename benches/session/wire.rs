//! Websocket frames over a blocking socket, with as little around them as possible: the far side must not be what is
//! measured, and the floor must be low.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    ops::Range,
};

use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// How much is read at once.
const READ: usize = 256 * 1024;
/// Stands for the length of a frame whose own follows in two bytes.
const LONG: u8 = 0x7e;
/// Clients must mask; what with does not matter here.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// One end of a websocket.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
    unread: Range<usize>,
}

impl Wire {
    /// Opens `ws://HOST:PORT/…` as a client, unsigned.
    pub(crate) fn connect(url: &str) -> io::Result<Self> {
        let rest = url.strip_prefix("ws://").ok_or(io::ErrorKind::InvalidInput)?;
        let (host, path) = rest.split_once('/').ok_or(io::ErrorKind::InvalidInput)?;
        let mut wire = Self::over(TcpStream::connect(host)?)?;
        let key = generate_key();
        write!(
            wire.stream,
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
        )?;
        wire.head()?;
        Ok(wire)
    }

    /// Takes a client in.
    pub(crate) fn accept(stream: TcpStream) -> io::Result<Self> {
        let mut wire = Self::over(stream)?;
        let head = wire.head()?;
        let key = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
        });
        let accept = derive_accept_key(key.ok_or(io::ErrorKind::InvalidData)?.as_bytes());
        write!(
            wire.stream,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )?;
        Ok(wire)
    }

    fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; READ], unread: 0..0 })
    }

    /// Reads an HTTP head.
    fn head(&mut self) -> io::Result<String> {
        loop {
            let unread = &self.buffer[self.unread.clone()];
            if let Some(end) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&unread[..end]).into_owned();
                self.unread.start += end + 4;
                return Ok(head);
            }
            self.read()?;
        }
    }

    /// Reads once; an error when the other side is gone.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        if self.unread.start > 0 {
            self.buffer.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
        }
        match self.stream.read(&mut self.buffer[self.unread.end..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => {
                self.unread.end += length;
                Ok(())
            }
        }
    }

    /// Returns the next frame that was read whole: its kind and what it holds.
    pub(crate) fn frame(&mut self) -> Option<(u8, &[u8])> {
        let unread = &self.buffer[self.unread.clone()];
        let (masked, short) = (unread.get(1)? & 0x80 != 0, usize::from(unread[1] & 0x7f));
        let (length, mut start) = match short {
            126 => (usize::from(u16::from_be_bytes([*unread.get(2)?, *unread.get(3)?])), 4),
            127 => panic!("a frame of more than 64 KiB"),
            short => (short, 2),
        };
        let mut mask = [0; 4];
        if masked {
            mask.copy_from_slice(unread.get(start..start + 4)?);
            start += 4;
        }
        if unread.len() < start + length {
            return None;
        }
        let kind = unread[0] & 0x0f;
        let place = self.unread.start + start..self.unread.start + start + length;
        self.unread.start = place.end;
        let payload = &mut self.buffer[place];
        if masked {
            apply(mask, payload);
        }
        Some((kind, payload))
    }

    /// Waits for the next frame.
    pub(crate) fn next(&mut self) -> io::Result<(u8, Vec<u8>)> {
        loop {
            if let Some((kind, payload)) = self.frame() {
                return Ok((kind, payload.to_vec()));
            }
            self.read()?;
        }
    }
}

/// Adds a frame of a server, of two parts.
pub(crate) fn put_parts(out: &mut Vec<u8>, kind: u8, first: &[u8], second: &[u8]) {
    put_head(out, kind, first.len() + second.len(), 0);
    out.extend_from_slice(first);
    out.extend_from_slice(second);
}

/// Adds a frame of a client.
pub(crate) fn put_masked(out: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    put_head(out, kind, payload.len(), 0x80);
    out.extend_from_slice(&MASK);
    let start = out.len();
    out.extend_from_slice(payload);
    apply(MASK, &mut out[start..]);
}

fn put_head(out: &mut Vec<u8>, kind: u8, length: usize, masked: u8) {
    out.push(0x80 | kind);
    if length < usize::from(LONG) {
        out.push(masked | length as u8);
    } else {
        out.push(masked | LONG);
        out.extend_from_slice(&(length as u16).to_be_bytes());
    }
}

fn apply(mask: [u8; 4], payload: &mut [u8]) {
    let mut words = payload.chunks_exact_mut(4);
    for word in &mut words {
        for (byte, mask) in word.iter_mut().zip(mask) {
            *byte ^= mask;
        }
    }
    for (byte, mask) in words.into_remainder().iter_mut().zip(mask) {
        *byte ^= mask;
    }
}
