//! The golden frames of `vectors/frames.txt`, which other languages read too.

use poe_wire::{Frame, Invalid, Message, SensorKind};

fn described(frame: Frame) -> String {
    match frame.message() {
        Ok(Message::Post { id, kind, value }) => format!("post {id} {kind} {value}"),
        Ok(Message::Initialization { id, kind, data }) => format!("initialization {id} {kind} {data}"),
        Err(Invalid::Opt(opt)) => format!("invalid-opt {opt}"),
        Err(Invalid::Kind(kind)) => format!("invalid-type {kind}"),
    }
}

#[test]
fn every_golden_frame_means_what_its_line_says() {
    let mut checked = 0;
    for line in include_str!("../vectors/frames.txt").lines().filter(|line| !line.starts_with('#')) {
        let (bytes, meaning) = line.split_once("  ").unwrap();
        let bytes: Vec<u8> = bytes.split(' ').map(|hex| u8::from_str_radix(hex, 16).unwrap()).collect();
        let frame = Frame(bytes.try_into().unwrap());
        assert_eq!(described(frame), meaning);
        if let Ok(message) = frame.message() {
            assert_eq!(Frame::from(message), frame, "a message goes back to the bytes it came from");
        }
        checked += 1;
    }
    assert_eq!(checked, 20);
}

#[test]
fn a_frame_is_valid_exactly_when_its_opt_and_its_type_are_known() {
    for (opt, kind) in (0..=255u8).flat_map(|opt| (0..=255u8).map(move |kind| (opt, kind))) {
        let valid = Frame([opt, 9, kind, 7]).message().is_ok();
        assert_eq!(valid, opt <= 1 && kind <= 5, "opt {opt} type {kind}");
    }
}

#[test]
fn a_greeting_of_another_protocol_is_no_valid_frame() {
    let greetings = [*b"GET ", *b"SSH-", *b"PRI ", [0x16, 3, 1, 2], [0x16, 3, 3, 0]].map(Frame);
    for greeting in greetings {
        assert!(greeting.is_greeting() && greeting.message().is_err(), "{greeting:?}");
    }
    for frame in [[0x16, 4, 1, 2], [1, 255, 0, 1], [0, 0, 0, 0], *b"GETS"].map(Frame) {
        assert!(!frame.is_greeting(), "{frame:?}");
    }
}

#[test]
fn a_kind_is_known_by_its_byte_and_by_its_name() {
    for kind in SensorKind::ALL {
        assert_eq!(SensorKind::from_byte(kind.byte()), Some(kind));
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert!("fire".parse::<SensorKind>().is_err(), "the table's words are exact");
}
