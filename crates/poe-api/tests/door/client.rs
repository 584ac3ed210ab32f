//! The client, at a server that a test plays.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use poe_api::client::{Access, Client, ClientError, Token};
use serde_json::json;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// A server that gives this answer to every question, so many on each connection, and tells the heads of the questions,
/// each with the number of its connection.
fn server(answer: &'static str, questions: usize) -> (SocketAddr, Receiver<(usize, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (heads, told) = mpsc::channel();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = BufReader::new(stream.unwrap());
            for _ in 0..questions {
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
                if head.is_empty() || heads.send((number, head)).is_err() {
                    break;
                }
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    (address, told)
}

fn client(address: SocketAddr) -> Client {
    Client::remote(&format!("http://{address}"), Access::default()).unwrap()
}

#[test]
fn questions_that_follow_each_other_share_a_connection() {
    let (address, told) = server(OK, 100);
    let client = client(address);
    for _ in 0..5 {
        assert_eq!(client.get("/x").unwrap(), json!({}));
    }
    assert_eq!(told.try_iter().map(|(number, _)| number).collect::<Vec<_>>(), [0; 5]);
    drop(client);
}

#[test]
fn a_connection_that_has_ended_or_is_old_is_not_used_again() {
    let (address, told) = server(OK, 1);
    let ended = client(address);
    for _ in 0..5 {
        assert_eq!(ended.post("/x", None).unwrap(), json!({}));
        // The server closes only now, and the client has to hear it before it asks again.
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(told.try_iter().map(|(number, _)| number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(matches!(ended.get("/x"), Ok(answer) if answer == json!({})));
}

#[test]
fn a_question_tells_who_asks_and_what_was_added() {
    let (address, told) = server(OK, 100);
    let token = Token::new("poe_7_secret");
    let access = Access { token, ..Access::default() };
    let client = Client::remote(&format!("http://{address}"), access).unwrap();
    assert!(!format!("{client:?}").contains("secret"));
    client.with_header("idempotency-key", "k1").put("/x", &json!({ "a": 1 })).unwrap();
    let (_, head) = told.recv().unwrap();
    assert!(head.starts_with("PUT /x HTTP/1.1\r\n"), "{head}");
    for line in [
        format!("host: {address}"),
        "authorization: Bearer poe_7_secret".into(),
        "idempotency-key: k1".into(),
        "content-type: application/json".into(),
    ] {
        assert!(head.contains(&format!("{line}\r\n")), "{line} in {head}");
    }
}

#[test]
fn a_redirection_is_not_followed() {
    let (address, told) = server(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n",
        100,
    );
    match client(address).get("/x") {
        Err(ClientError::Refused { status: 307, detail, .. }) => assert!(detail.contains("307"), "{detail}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(told.try_iter().count(), 1);
}

#[test]
fn an_answer_without_a_body_is_nothing() {
    let (address, _told) = server("HTTP/1.1 204 No Content\r\n\r\n", 100);
    assert_eq!(client(address).delete("/x").unwrap(), json!(null));
}

#[test]
fn a_server_that_is_not_there_is_told_at_once_and_by_its_address() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let begun = Instant::now();
    match client(address).get("/x") {
        Err(error @ ClientError::Remote { .. }) => {
            assert!(error.to_string().contains(&format!("cannot reach http://{address}: ")), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}
