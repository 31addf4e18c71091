//! The real terminal: raw mode, the alternate screen, the one owner of stdin, and the hand-over to a session.
