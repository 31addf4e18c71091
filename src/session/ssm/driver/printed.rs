//! Output that waits for the terminal, in few large pieces.

use std::collections::VecDeque;

use bytes::BytesMut;
use tokio::sync::mpsc;

use crate::session::Output;

/// The largest piece of output that is handed on at once.
const LARGEST_PIECE: usize = 64 << 10;
/// How much may wait for a terminal that does not read.
const AHEAD: usize = 4 * LARGEST_PIECE;
/// How many pieces may wait, words of the transport among them.
const PIECES: usize = 1024;

/// What was printed and is not handed on yet.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pieces: VecDeque<Output>,
    tail: BytesMut,
    bytes: usize,
}

impl Printed {
    pub(super) fn push(&mut self, output: Output) {
        self.bytes += length(&output);
        if let Output::Bytes(bytes) = &output {
            self.tail.extend_from_slice(bytes);
            if self.tail.len() >= LARGEST_PIECE {
                self.cut_tail();
            }
        } else {
            self.cut_tail();
            self.pieces.push_back(output);
        }
    }

    /// Hands on as much as the terminal takes at once; returns whether that was anything.
    pub(super) fn hand_on(&mut self, output: &mpsc::Sender<Output>) -> bool {
        let mut any = false;
        while !self.is_empty() {
            let Ok(room) = output.try_reserve() else {
                return any;
            };
            if let Some(printed) = self.pop() {
                room.send(printed);
                any = true;
            }
        }
        any
    }

    /// Hands on the next piece as soon as the terminal takes it; waits for ever while there is none. May be dropped
    /// without losing anything.
    pub(super) async fn hand_on_next(&mut self, output: &mpsc::Sender<Output>) {
        if self.is_empty() {
            std::future::pending::<()>().await;
        }
        if let (Ok(room), Some(printed)) = (output.reserve().await, self.pop()) {
            room.send(printed);
        }
    }

    /// Hands on everything, for as long as somebody takes it.
    pub(super) async fn hand_on_all(&mut self, output: &mpsc::Sender<Output>) {
        while !self.is_empty() && !output.is_closed() {
            self.hand_on_next(output).await;
        }
    }

    /// Whether so much waits that nothing should be added.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= AHEAD || self.pieces.len() >= PIECES
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.tail.is_empty()
    }

    fn pop(&mut self) -> Option<Output> {
        if self.pieces.is_empty() {
            self.cut_tail();
        }
        let output = self.pieces.pop_front()?;
        self.bytes -= length(&output);
        Some(output)
    }

    fn cut_tail(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push_back(Output::Bytes(self.tail.split().freeze()));
        }
    }
}

/// Returns how much of what the process printed this is.
fn length(output: &Output) -> usize {
    match output {
        Output::Bytes(bytes) | Output::Stderr(bytes) => bytes.len(),
        Output::Notice(_) | Output::Exit(_) => 0,
    }
}
