//! Somebody between the program and AWS who adds hostile text to what AWS answers.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What a terminal would obey, and what hides or turns what stands beside it.
const EVIL: &str =
    "\u{1b}[31m\u{1b}]52;c;eA==\u{7}\u{1b}]8;;http://x\u{1b}\\\r\n\t\u{202e}\u{2066}\u{200b}\u{9b}2J\u{e0041}\u{feff}";
/// The same where control characters are no text: XML has none.
const EVIL_IN_XML: &str = "\u{202e}\u{2066}\u{200b}\u{9b}2J\u{e0041}\u{feff}";
/// How long a text gets once it is long.
const LONG: usize = 10_000;

/// What is tampered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// What nobody asks about again: messages, reasons, values, images.
    Free,
    /// Everything but what AWS is asked with next: ARNs, ids and tokens.
    All,
}

/// Somebody who listens on a port of this machine.
pub(crate) struct Tamper {
    /// Where.
    pub(crate) endpoint: String,
    tampered: Arc<AtomicUsize>,
}

impl Tamper {
    /// Stands between whoever calls and the AWS at `endpoint`.
    pub(crate) async fn before(endpoint: &str, texts: Texts) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a port");
        let port = listener.local_addr().expect("it is bound").port();
        let behind = endpoint.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let tampered = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&tampered);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (behind, count) = (behind.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let _hung_up = serve(client, &behind, texts, &count).await;
                });
            }
        });
        Self { endpoint: format!("http://127.0.0.1:{port}"), tampered }
    }

    /// Returns how many texts were tampered with so far.
    pub(crate) fn tampered(&self) -> usize {
        self.tampered.load(Ordering::Relaxed)
    }
}

/// Carries the calls of a connection one by one, each over a connection of its own.
async fn serve(mut client: TcpStream, behind: &str, texts: Texts, count: &AtomicUsize) -> io::Result<()> {
    while let Some((head, body)) = message(&mut client).await? {
        let mut server = TcpStream::connect(behind).await?;
        server.write_all(&head).await?;
        server.write_all(&body).await?;
        let Some((head, body)) = message(&mut server).await? else { return Ok(()) };
        if header(&head, "transfer-encoding").is_some() {
            // A live tail goes on as it is.
            client.write_all(&head).await?;
            tokio::io::copy_bidirectional(&mut client, &mut server).await?;
            return Ok(());
        }
        let body = tampered(&head, body, texts, count);
        client.write_all(&with_length(&head, body.len())).await?;
        client.write_all(&body).await?;
    }
    Ok(())
}

/// Reads a head, with the empty line behind it, and the body that it announces.
async fn message(stream: &mut TcpStream) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some((head, body)))
}

fn header(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

fn with_length(head: &[u8], length: usize) -> Vec<u8> {
    let head = String::from_utf8_lossy(head);
    let kept = head.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
    let mut lines: Vec<&str> = kept.collect();
    let length = format!("content-length: {length}");
    lines.push(&length);
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

fn tampered(head: &[u8], body: Vec<u8>, texts: Texts, count: &AtomicUsize) -> Vec<u8> {
    let kind = header(head, "content-type").unwrap_or_default();
    if kind.contains("json") {
        let Ok(mut words) = serde_json::from_slice::<Value>(&body) else { return body };
        poison("", &mut words, texts, count);
        return words.to_string().into_bytes();
    }
    if kind.contains("xml") {
        return poisoned_xml(&String::from_utf8_lossy(&body), texts, count).into_bytes();
    }
    body
}

/// Adds hostile text to every text that is meant.
fn poison(name: &str, value: &mut Value, texts: Texts, count: &AtomicUsize) {
    match value {
        Value::String(text) if is_meant(name, text, texts) => {
            text.push_str(EVIL);
            if count.fetch_add(1, Ordering::Relaxed) % 100 == 7 {
                text.push_str(&"long".repeat(LONG / 4));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(name, item, texts, count)),
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| poison(name, value, texts, count)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn poisoned_xml(body: &str, texts: Texts, count: &AtomicUsize) -> String {
    let mut words = String::new();
    for piece in body.split_inclusive("</") {
        let (text, rest) = words.rsplit_once('>').map_or(("", false), |(_, text)| (text, true));
        let name = piece.split('>').next().unwrap_or_default();
        if rest && !text.is_empty() && is_meant(name, text.trim_end_matches("</"), texts) && text != "</" {
            words.truncate(words.len() - "</".len());
            words.push_str(EVIL_IN_XML);
            words.push_str("</");
            count.fetch_add(1, Ordering::Relaxed);
        }
        words.push_str(piece);
    }
    words
}

fn is_meant(name: &str, text: &str, texts: Texts) -> bool {
    const FREE: [&str; 13] = [
        "Description",
        "Reason",
        "command",
        "description",
        "image",
        "message",
        "reason",
        "rolloutStateReason",
        "statusReason",
        "stoppedReason",
        "value",
        "Value",
        "agentVersion",
    ];
    let asked = ["Arn", "arn", "Id", "id", "Token", "Marker", "__type", "Time", "At", "Date"];
    match texts {
        Texts::Free => FREE.contains(&name),
        Texts::All => !text.contains("arn:") && !asked.iter().any(|end| name.ends_with(end)),
    }
}
