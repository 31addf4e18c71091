//! The far side that clients are measured against: an agent whose program is a part of itself.
//!
//! The simulated agent does what the real one does and is as slow: it reads 1 KiB from a PTY at a time. This one has no
//! PTY, does not sleep and prepares what it sends, so that the client is what is measured. On the wire it is an agent:
//! one message of at most 1 KiB a frame, with sequence number, date, id and digest; every message must be acknowledged,
//! no more than [`WINDOW`] may be on their way, and the first is repeated until it is (session-manager-plugin drops
//! what comes before it is ready). Nothing else is ever sent again: the line is loopback.

use std::{
    io::{self, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use ecsui::session::ssm::message::{AgentMessage, ChannelClosed, LARGEST_PAYLOAD, MessageType, PayloadType};
use sha2::{Digest, Sha256};

use crate::wire::{self, Wire};

/// What is said when a session is there.
pub(crate) const READY: &[u8] = b"READY";
/// What is said when everything has come that was to come, as it should be.
pub(crate) const DONE: &[u8] = b"DONE";
/// What is said when something else came.
pub(crate) const WRONG: &[u8] = b"WRONG";

/// How many messages may be on their way: what session-manager-plugin keeps in order at most.
const WINDOW: i64 = 10_000;
/// How many messages are sent in one write.
const BATCH: i64 = 64;
/// How long the first message waits for its acknowledgement.
const REPEAT: Duration = Duration::from_millis(100);
/// The pace of the real agent in [`Program::Flood`].
const PACE: Duration = Duration::from_millis(1);
/// The length after which what is sent repeats itself: prime, so that no message is like the one before.
pub(crate) const PERIOD: usize = 1021;

/// Returns the byte at this place of what is sent in bulk, either way. None of them means anything to a terminal.
pub(crate) fn expected(place: usize) -> u8 {
    let place = place % PERIOD;
    b'a' + ((place * place / 7) % 26) as u8
}

/// Returns what is sent in bulk from a place on.
pub(crate) fn bulk(place: usize, length: usize) -> Vec<u8> {
    (place..place + length).map(expected).collect()
}

/// What runs at the far end.
#[derive(Debug, Clone, Copy)]
enum Program {
    /// Prints what is typed.
    Echo,
    /// Prints what is typed, and endlessly between, as fast as the real agent lets through.
    Flood,
    /// Prints so many bytes when a key is pressed.
    Source(usize),
    /// Takes so many bytes.
    Sink(usize),
}

impl Program {
    fn of(command: &str) -> Self {
        let (name, number) = command.split_once(' ').unwrap_or((command, "0"));
        let number = number.parse().expect("a number of bytes");
        match name {
            "echo" => Self::Echo,
            "flood" => Self::Flood,
            "source" => Self::Source(number),
            "sink" => Self::Sink(number),
            other => panic!("there is no {other} here"),
        }
    }
}

/// Serves every client that comes with what `command` says then.
pub(crate) fn serve(listener: TcpListener, command: impl Fn() -> String + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let program = Program::of(&command());
            thread::spawn(move || {
                let _gone = converse(stream?, program);
                io::Result::Ok(())
            });
        }
    });
}

fn converse(stream: TcpStream, program: Program) -> io::Result<()> {
    let mut wire = Wire::accept(stream)?;
    while wire.next()?.0 != wire::TEXT {}
    let far = Far::new(wire.stream.try_clone()?);
    far.begin();
    let (mut taken, mut expected_number, mut pressed) = (0, 0, false);
    loop {
        while let Some((kind, frame)) = wire.frame() {
            if kind == wire::PING {
                far.line.lock().expect("nobody panics").frame(wire::PONG, frame)?;
            }
            if kind != wire::BINARY {
                continue;
            }
            if frame[4..].starts_with(b"acknowledge") {
                far.acknowledged.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let message = AgentMessage::decode(&Bytes::copy_from_slice(frame)).expect("a message");
            let is_next = message.sequence_number == expected_number;
            expected_number += i64::from(is_next);
            let mut line = far.line.lock().expect("nobody panics");
            line.add(wire::BINARY, &message.acknowledgement().encode());
            if is_next && message.payload_type == PayloadType::OUTPUT {
                match program {
                    Program::Echo => line.print(&message.payload),
                    Program::Flood => {
                        line.print(&message.payload);
                        if !pressed {
                            thread::spawn({
                                let far = far.clone();
                                move || far.flood()
                            });
                        }
                    }
                    Program::Source(_) if pressed => line.close(),
                    Program::Source(length) => {
                        thread::spawn({
                            let far = far.clone();
                            move || far.pour(length)
                        });
                    }
                    Program::Sink(length) => {
                        let right = message.payload.iter().enumerate().all(|(at, byte)| *byte == expected(taken + at));
                        taken += message.payload.len();
                        if !right {
                            line.print(WRONG);
                        } else if taken == length {
                            line.print(DONE);
                        }
                    }
                }
                pressed = true;
            }
            line.flush()?;
        }
        wire.read()?;
    }
}

/// The agent's end of a session.
#[derive(Clone)]
struct Far {
    line: Arc<Mutex<Line>>,
    /// How many messages were acknowledged.
    acknowledged: Arc<AtomicI64>,
}

impl Far {
    fn new(stream: TcpStream) -> Self {
        let line = Line { stream, out: Vec::new(), next_number: 0 };
        Self { line: Arc::new(Mutex::new(line)), acknowledged: Arc::default() }
    }

    /// Says that the session is there until that is acknowledged.
    fn begin(&self) {
        let mut line = self.line.lock().expect("nobody panics");
        line.print(READY);
        let first = line.out.clone();
        let _gone = line.flush();
        drop(line);
        let far = self.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(REPEAT);
                let mut line = far.line.lock().expect("nobody panics");
                if far.acknowledged.load(Ordering::Relaxed) > 0 || line.stream.write_all(&first).is_err() {
                    return;
                }
            }
        });
    }

    /// Prints so many bytes, as fast as they go.
    fn pour(&self, length: usize) -> io::Result<()> {
        // From its place in the period follows all that a message holds.
        let pattern = bulk(0, PERIOD + LARGEST_PAYLOAD);
        let message = |place: usize| &pattern[place..place + LARGEST_PAYLOAD];
        let digests: Vec<[u8; 32]> = (0..PERIOD).map(|place| Sha256::digest(message(place)).into()).collect();
        let mut place = 0;
        while place < length {
            let mut line = self.line.lock().expect("nobody panics");
            if line.next_number - self.acknowledged.load(Ordering::Relaxed) > WINDOW {
                drop(line);
                thread::sleep(Duration::from_micros(50));
                continue;
            }
            for _ in 0..BATCH {
                if length - place < LARGEST_PAYLOAD {
                    line.print(&bulk(place, length - place));
                    place = length;
                    break;
                }
                let at = place % PERIOD;
                line.add_message(&digests[at], message(at));
                place += LARGEST_PAYLOAD;
            }
            line.flush()?;
        }
        Ok(())
    }

    /// Prints until the client is gone.
    fn flood(&self) -> io::Result<()> {
        let text = bulk(0, LARGEST_PAYLOAD);
        loop {
            let mut line = self.line.lock().expect("nobody panics");
            line.print(&text);
            line.flush()?;
            drop(line);
            thread::sleep(PACE);
        }
    }
}

/// What goes to the client.
struct Line {
    stream: TcpStream,
    out: Vec<u8>,
    next_number: i64,
}

impl Line {
    fn print(&mut self, bytes: &[u8]) {
        self.add_message(&Sha256::digest(bytes).into(), bytes);
    }

    /// Adds a message of the stream; its layout is told in `session::ssm::message`.
    fn add_message(&mut self, digest: &[u8; 32], payload: &[u8]) {
        let number = self.next_number;
        self.next_number += 1;
        let created = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as u64;
        let mut head = [b' '; 120];
        head[..4].copy_from_slice(&116_u32.to_be_bytes());
        head[4..22].copy_from_slice(b"output_stream_data");
        head[36..40].copy_from_slice(&1_u32.to_be_bytes());
        head[40..48].copy_from_slice(&created.to_be_bytes());
        head[48..56].copy_from_slice(&number.to_be_bytes());
        head[56..64].copy_from_slice(&u64::from(number == 0).to_be_bytes());
        // Version 4 in form, and unique in this session.
        head[64..72].copy_from_slice(&(number as u64 | 1 << 63).to_be_bytes());
        head[72..80].copy_from_slice(&0x1234_5678_9abc_4def_u64.to_be_bytes());
        head[80..112].copy_from_slice(digest);
        head[112..116].copy_from_slice(&1_u32.to_be_bytes());
        head[116..].copy_from_slice(&(payload.len() as u32).to_be_bytes());
        wire::put_parts(&mut self.out, wire::BINARY, &head, payload);
    }

    fn close(&mut self) {
        let closed = ChannelClosed::new("measured", "").to_json();
        let message = AgentMessage::stream(MessageType::ChannelClosed, 0, PayloadType::NONE, closed);
        self.add(wire::BINARY, &message.encode());
    }

    fn add(&mut self, kind: u8, payload: &[u8]) {
        wire::put_parts(&mut self.out, kind, payload, &[]);
    }

    fn frame(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        self.add(kind, payload);
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }
}
