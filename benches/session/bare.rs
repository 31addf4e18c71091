//! The floor: the least that a client of the data channel can be. One thread, one read and one write for whatever is
//! there, our codec, nothing checked that the codec does not check, nothing ever sent again, no size and no way back.

use std::{env, io};

use bytes::Bytes;
use ecsui::{
    session::ssm::{
        channel::CLIENT_VERSION,
        message::{AgentMessage, LARGEST_PAYLOAD, MessageType, PayloadType},
    },
    terminal::RawMode,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fd::AsFd,
    io::{read, write},
    stdio::{stdin, stdout},
    termios::isatty,
};
use uuid::Uuid;

use crate::{
    SESSION, Ticket,
    wire::{self, Wire},
};

/// A session, and nothing around it.
pub(crate) struct Bare {
    wire: Wire,
    out: Vec<u8>,
    next_number: i64,
    expected_number: i64,
}

impl Bare {
    /// Opens a session.
    pub(crate) fn open(ticket: &Ticket) -> io::Result<Self> {
        let mut wire = Wire::connect(&ticket.stream_url)?;
        let opening = serde_json::json!({
            "MessageSchemaVersion": "1.0",
            "RequestId": Uuid::new_v4().to_string(),
            "TokenValue": ticket.token,
            "ClientId": Uuid::new_v4().to_string(),
            "ClientVersion": CLIENT_VERSION,
        });
        let mut out = Vec::new();
        wire::put_masked(&mut out, wire::TEXT, opening.to_string().as_bytes());
        write_all(&mut wire.stream, &out)?;
        Ok(Self { wire, out: Vec::new(), next_number: 0, expected_number: 0 })
    }

    /// Sends what was typed.
    pub(crate) fn type_in(&mut self, bytes: &[u8]) -> io::Result<()> {
        for payload in bytes.chunks(LARGEST_PAYLOAD) {
            let payload = Bytes::copy_from_slice(payload);
            let (kind, number) = (MessageType::InputStreamData, self.next_number);
            let message = AgentMessage::stream(kind, number, PayloadType::OUTPUT, payload);
            self.next_number += 1;
            wire::put_masked(&mut self.out, wire::BINARY, &message.encode());
        }
        self.flush()
    }

    /// Reads once and adds what was printed; returns whether the session goes on.
    pub(crate) fn read(&mut self, printed: &mut Vec<u8>) -> io::Result<bool> {
        self.wire.read()?;
        let mut goes_on = true;
        while let Some((kind, frame)) = self.wire.frame() {
            if kind != wire::BINARY {
                continue;
            }
            let Ok(message) = AgentMessage::decode(&Bytes::copy_from_slice(frame)) else { continue };
            match message.message_type {
                MessageType::OutputStreamData => {
                    wire::put_masked(&mut self.out, wire::BINARY, &message.acknowledgement().encode());
                    if message.sequence_number == self.expected_number {
                        self.expected_number += 1;
                        printed.extend_from_slice(&message.payload);
                    }
                }
                MessageType::ChannelClosed => goes_on = false,
                _ => {}
            }
        }
        self.flush()?;
        Ok(goes_on)
    }

    fn flush(&mut self) -> io::Result<()> {
        write_all(&mut self.wire.stream, &self.out)?;
        self.out.clear();
        Ok(())
    }
}

/// Is the client.
pub(crate) fn run() -> io::Result<()> {
    let ticket = Ticket::of_json(&env::var(SESSION).map_err(io::Error::other)?);
    let _raw = if isatty(stdin()) { Some(RawMode::enter().map_err(io::Error::other)?) } else { None };
    let mut session = Bare::open(&ticket)?;
    let mut typed = [0; 4096];
    let mut printed = Vec::new();
    loop {
        let (keys, line) = (stdin(), session.wire.stream.as_fd());
        let mut ready = [PollFd::new(&keys, PollFlags::IN), PollFd::new(&line, PollFlags::IN)];
        poll(&mut ready, None)?;
        let [keys, line] = ready.map(|one| !one.revents().is_empty());
        if keys {
            let length = read(stdin(), &mut typed)?;
            if length == 0 {
                return Ok(());
            }
            session.type_in(&typed[..length])?;
        }
        if line {
            let goes_on = session.read(&mut printed)?;
            write_all(stdout(), &printed)?;
            printed.clear();
            if !goes_on {
                return Ok(());
            }
        }
    }
}

fn write_all(to: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        bytes = &bytes[write(&to, bytes)?..];
    }
    Ok(())
}
