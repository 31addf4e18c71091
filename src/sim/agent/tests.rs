//! The agent, spoken to frame by frame.

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::tungstenite::{Message, protocol::Role};

use super::*;
use crate::session::ssm::message::{
    Acknowledge, ActionStatus, AgentMessage, ChannelClosed, HandshakeRequest, HandshakeResponse, MessageType,
    PayloadType, ProcessedAction,
};

/// A client that does only what it is told.
struct Client {
    socket: WebSocketStream<DuplexStream>,
    next_number: i64,
}

impl Client {
    /// Comes to a gateway and shows a token.
    async fn connect(sessions: &Sessions, session_id: &str, token: &str) -> Self {
        let (near, far) = duplex(1 << 20);
        let (sessions, session_id) = (sessions.clone(), session_id.to_owned());
        tokio::spawn(async move {
            let socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
            sessions.connect(session_id, socket).await;
        });
        let mut socket = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        let opening = json!({ "MessageSchemaVersion": "1.0", "RequestId": "", "TokenValue": token, "ClientId": "" });
        socket.send(Message::Text(opening.to_string().into())).await.unwrap();
        Self { socket, next_number: 0 }
    }

    async fn send(&mut self, payload_type: PayloadType, payload: impl Into<Bytes>) {
        let message =
            AgentMessage::stream(MessageType::InputStreamData, self.next_number, payload_type, payload.into());
        self.next_number += 1;
        self.socket.send(Message::Binary(message.encode())).await.unwrap();
    }

    /// Returns the next message of the agent, or `None` when the gateway closes the websocket.
    async fn next(&mut self) -> Option<AgentMessage> {
        loop {
            match self.socket.next().await?.unwrap() {
                Message::Binary(frame) => return Some(AgentMessage::decode(&frame).unwrap()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    async fn acknowledge(&mut self, message: &AgentMessage) {
        self.socket.send(Message::Binary(message.acknowledgement().encode())).await.unwrap();
    }

    /// Acknowledges and collects output until it ends with `ending`; then returns it.
    async fn output_until(&mut self, ending: &str) -> String {
        let mut output = String::new();
        while !output.ends_with(ending) {
            let message = self.next().await.unwrap_or_else(|| panic!("closed after {output:?}"));
            if message.message_type == MessageType::OutputStreamData {
                self.acknowledge(&message).await;
                output.push_str(std::str::from_utf8(&message.payload).unwrap());
            }
        }
        output
    }

    /// Waits for the end of the session and returns its reason.
    async fn closed(&mut self) -> String {
        loop {
            let message = self.next().await.expect("channel_closed comes before the close frame");
            match message.message_type {
                MessageType::ChannelClosed => return ChannelClosed::from_json(&message.payload).unwrap().output,
                MessageType::OutputStreamData => self.acknowledge(&message).await,
                _ => {}
            }
        }
    }
}

fn launch(command: &str) -> Launch {
    Launch {
        session_id: "ecs-execute-command-1".to_owned(),
        command: command.to_owned(),
        environment: Vec::new(),
        label: "app".to_owned(),
    }
}

/// Opens a session of `command` and comes to it.
async fn open(options: Options, command: &str) -> (Sessions, Client) {
    let sessions = Sessions::new(options);
    let issued = sessions.create(launch(command));
    let client = Client::connect(&sessions, &issued.session_id, &issued.token).await;
    (sessions, client)
}

#[tokio::test]
async fn a_session_prints_and_ends() {
    let options = Options { notice: Some("a local shell".to_owned()), ..Options::prompt() };
    let (_sessions, mut client) = open(options, "echo hello").await;
    let first = client.next().await.unwrap();
    assert_eq!((first.sequence_number, first.flags), (0, 1));
    assert_eq!(first.payload, "a local shell\r\n");
    client.acknowledge(&first).await;
    assert_eq!(client.output_until("\n").await, "hello\r\n");
    assert_eq!(client.closed().await, "");
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn input_is_acknowledged_once_the_pty_took_it() {
    let (_sessions, mut client) = open(Options::prompt(), "sh -c 'stty -echo -icanon; echo ready; sleep 1000'").await;
    client.output_until("ready\r\n").await;
    for _ in 0..64 {
        client.send(PayloadType::OUTPUT, vec![b'x'; 1024]).await;
    }
    let mut acknowledged = 0;
    while let Ok(Some(_)) = timeout(client.next()).await {
        acknowledged += 1;
    }
    assert!((1..64).contains(&acknowledged), "{acknowledged} of 64 KiB that nobody reads were acknowledged");
}

/// Gives up on what will not come; only for what is asserted not to happen.
async fn timeout<T>(future: impl Future<Output = T>) -> Result<T, tokio::time::error::Elapsed> {
    tokio::time::timeout(Duration::from_millis(200), future).await
}

#[tokio::test]
async fn a_token_opens_once_and_only_its_session() {
    let sessions = Sessions::new(Options::prompt());
    let issued = sessions.create(launch("cat"));
    let id = issued.session_id.as_str();
    assert_eq!(Client::connect(&sessions, id, "").await.next().await, None);
    assert_eq!(Client::connect(&sessions, id, &"0".repeat(64)).await.next().await, None);
    assert_eq!(Client::connect(&sessions, "another", &issued.token).await.next().await, None);
    let mut first = Client::connect(&sessions, id, &issued.token).await;
    first.send(PayloadType::OUTPUT, "a\r").await;
    assert_eq!(Client::connect(&sessions, id, &issued.token).await.next().await, None);
    assert!(!format!("{issued:?}").contains(&issued.token));
}

#[tokio::test]
async fn a_client_that_was_cut_off_comes_again() {
    let (sessions, mut client) = open(Options::prompt(), "sh -c 'stty -echo; echo ready; cat'").await;
    let first = client.next().await.unwrap();
    assert_eq!(first.payload, "ready\r\n");
    drop(client);
    let token = sessions.resume("ecs-execute-command-1").unwrap();
    let mut client = Client::connect(&sessions, "ecs-execute-command-1", &token).await;
    // What was not acknowledged comes again.
    assert_eq!(client.next().await.unwrap(), first);
    client.acknowledge(&first).await;
    client.send(PayloadType::OUTPUT, "again\r").await;
    assert_eq!(client.output_until("again\r\n").await, "again\r\n");
    assert!(sessions.terminate("ecs-execute-command-1"));
    assert_eq!(client.closed().await, "");
    assert_eq!(client.next().await, None);
    sessions.shutdown().await;
    assert_eq!(sessions.resume("ecs-execute-command-1"), None);
    assert!(!sessions.terminate("ecs-execute-command-1"));
}

#[tokio::test]
async fn a_command_that_cannot_start_is_told_at_the_end() {
    let (_sessions, mut client) = open(Options::prompt(), "no-such-program").await;
    assert_eq!(
        client.closed().await,
        "\n----------ERROR-------\nUnable to start command: Failed to start pty: exec: \"no-such-program\": \
         executable file not found in $PATH\n\n"
    );
}

#[tokio::test]
async fn a_handshake_comes_before_the_program() {
    let options = Options { handshake: Some(Handshake::SessionType), ..Options::prompt() };
    let (_sessions, mut client) = open(options, "cat").await;
    let request = client.next().await.unwrap();
    let asked = HandshakeRequest::from_json(&request.payload).unwrap();
    assert_eq!(asked.requested_client_actions[0].action_type, "SessionType");
    client.acknowledge(&request).await;
    client.send(PayloadType::OUTPUT, "thrown away\r").await;
    let acknowledgement = client.next().await.unwrap();
    assert_eq!(Acknowledge::from_json(&acknowledgement.payload).unwrap().sequence_number, 0);
    let done = ProcessedAction {
        action_type: "SessionType".to_owned(),
        action_status: ActionStatus::SUCCESS,
        action_result: serde_json::Value::Null,
        error: String::new(),
    };
    let response = HandshakeResponse {
        client_version: "1.2.764.0".to_owned(),
        processed_client_actions: vec![done],
        errors: None,
    };
    client.send(PayloadType::HANDSHAKE_RESPONSE, response.to_json()).await;
    let complete = loop {
        let message = client.next().await.unwrap();
        if message.message_type == MessageType::OutputStreamData {
            break message;
        }
    };
    assert_eq!(complete.payload_type, PayloadType::HANDSHAKE_COMPLETE);
}

#[tokio::test]
async fn a_silent_session_ends_by_itself() {
    let (clock, hand) = Clock::by_hand();
    let (sessions, mut client) = open(Options { clock, ..Options::prompt() }, "sh -c 'echo ready; sleep 100000'").await;
    client.output_until("ready\r\n").await;
    hand.advance(Options::default().idle_timeout);
    assert_eq!(client.closed().await, "Your session timed out due to inactivity.");
    sessions.shutdown().await;
    assert_eq!(sessions.resume("ecs-execute-command-1"), None);
}

#[tokio::test]
async fn a_websocket_is_closed_when_it_is_old_and_the_session_stays() {
    let (clock, hand) = Clock::by_hand();
    let idle_timeout = Duration::from_hours(2);
    let options = Options { idle_timeout, clock, ..Options::prompt() };
    let (sessions, mut client) = open(options, "sh -c 'echo ready; sleep 100000'").await;
    client.output_until("ready\r\n").await;
    hand.advance(Duration::from_hours(1));
    assert_eq!(client.next().await, None);
    assert!(sessions.resume("ecs-execute-command-1").is_some());
    sessions.shutdown().await;
}

#[tokio::test]
async fn a_session_is_closed_with_words() {
    let (sessions, mut client) = open(Options::prompt(), "sh -c 'echo ready; cat'").await;
    client.output_until("ready\r\n").await;
    assert!(sessions.close("ecs-execute-command-1", "the task has stopped"));
    assert_eq!(client.closed().await, "the task has stopped");
}

#[tokio::test]
async fn a_connection_is_cut_in_the_middle_of_a_frame() {
    let faults = vec![Fault::new(Direction::ToClient, 2, 0, Harm::CutWithin)];
    let (_sessions, mut client) = open(Options { faults, ..Options::prompt() }, "sh -c 'echo ready; cat'").await;
    client.output_until("ready\r\n").await;
    client.send(PayloadType::OUTPUT, "a\r").await;
    let broken = client.socket.next().await;
    assert!(!matches!(broken, Some(Ok(_))), "{broken:?}");
}

#[tokio::test]
async fn a_line_falls_silent_and_the_session_goes_on_with_who_comes_again() {
    let faults = vec![Fault::new(Direction::ToAgent, 3, 0, Harm::Silence)];
    let (sessions, mut client) =
        open(Options { faults, ..Options::prompt() }, "sh -c 'stty -echo; echo ready; cat'").await;
    client.output_until("ready\r\n").await;
    client.send(PayloadType::OUTPUT, "a\r").await;
    client.output_until("a\r\n").await;
    client.send(PayloadType::OUTPUT, "b\r").await;
    client.socket.send(Message::Ping(Bytes::new())).await.unwrap();
    assert!(timeout(client.socket.next()).await.is_err(), "not even a pong");
    let token = sessions.resume("ecs-execute-command-1").unwrap();
    let mut again = Client::connect(&sessions, "ecs-execute-command-1", &token).await;
    again.next_number = 1;
    again.send(PayloadType::OUTPUT, "b\r").await;
    again.output_until("b\r\n").await;
}

#[tokio::test]
async fn doors_are_met_one_after_the_other() {
    let doors = vec![Door::Mute, Door::Strange, Door::Refusing(503)];
    let sessions = Sessions::new(Options { doors, ..Options::prompt() });
    let issued = sessions.create(launch("echo hello"));
    let id = issued.session_id.as_str();
    assert_eq!(sessions.knock(id), Door::Mute);
    let mut mute = Client::connect(&sessions, id, &issued.token).await;
    assert!(timeout(mute.next()).await.is_err());
    assert_eq!(sessions.knock(id), Door::Strange);
    assert_eq!(Client::connect(&sessions, id, &issued.token).await.next().await, None);
    assert_eq!(sessions.knock(id), Door::Refusing(503));
    assert_eq!(sessions.knock(id), Door::Open);
    Client::connect(&sessions, id, &issued.token).await.output_until("hello\r\n").await;
}

#[tokio::test]
async fn strangers_come_in_sequence_and_messages_can_be_large() {
    let options = Options { strangers: 1, largest_payload: 64 << 10, ..Options::prompt() };
    let (_sessions, mut client) = open(options, "sh -c 'stty raw; head -c 200000 /dev/zero'").await;
    let (mut types, mut largest) = (Vec::new(), 0);
    loop {
        let message = client.next().await.unwrap();
        if message.message_type == MessageType::ChannelClosed {
            break;
        }
        client.acknowledge(&message).await;
        assert_eq!(message.sequence_number, types.len() as i64);
        types.push(message.payload_type.0);
        largest = largest.max(message.payload.len());
    }
    assert!(types.iter().enumerate().all(|(at, it)| *it == if at % 2 == 0 { 1 } else { 77 }), "{types:?}");
    assert!(largest > 1024, "{largest}");
}
