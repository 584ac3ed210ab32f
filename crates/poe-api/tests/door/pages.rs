//! What each path answers.

use expect_test::{Expect, expect};
use poe_api::Settings;

use crate::{Answer, House, Said};

/// All of them answer alike.
fn check(answers: &[Answer], expected: &Expect) {
    let text = answers[0].text();
    for other in &answers[1..] {
        assert_eq!(other.text(), text);
    }
    expected.assert_eq(&text);
}

#[test]
fn a_living_server_is_healthy_at_both_doors() {
    let house = House::calm();
    check(
        &[house.ask("GET", "/healthz"), house.ask_local("GET", "/healthz")],
        &expect![[r#"
        200
        content-type: text/plain; charset=utf-8
        content-security-policy: default-src 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        cache-control: no-store
        content-length: 2
        connection: close

        ok
    "#]],
    );
}

#[test]
fn a_ready_server_says_so() {
    let house = House::calm();
    for answer in [house.ask("GET", "/readyz"), house.ask_local("GET", "/readyz")] {
        assert_eq!((answer.status, answer.body.as_str()), (200, "ready"));
    }
}

#[test]
fn reasons_are_told_at_the_machine_only() {
    let reasons = vec!["no commit for 12 s".into(), "the disk is full".into()];
    let house = House::open(Said { reasons, ..Said::default() }, Settings::default());
    let (far, near) = (house.ask("GET", "/readyz"), house.ask_local("GET", "/readyz"));
    assert_eq!((far.status, far.body.as_str()), (503, "not ready"));
    assert_eq!((near.status, near.body.as_str()), (503, "not ready\nno commit for 12 s\nthe disk is full"));
}

#[test]
fn head_is_a_get_without_the_body() {
    let house = House::calm();
    for path in ["/healthz", "/readyz", "/metrics"] {
        let (head, get) = (house.ask("HEAD", path), house.ask("GET", path));
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
}

#[test]
fn an_unknown_path_is_a_problem() {
    let house = House::calm();
    check(
        &[house.ask("GET", "/nowhere"), house.ask_local("POST", "/healthz/no")],
        &expect![[r#"
            404
            content-type: application/problem+json
            content-security-policy: default-src 'none'; frame-ancestors 'none'
            x-content-type-options: nosniff
            referrer-policy: no-referrer
            cross-origin-opener-policy: same-origin
            cross-origin-resource-policy: same-origin
            cache-control: no-store
            content-length: 125
            connection: close

            {"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this path, or it is not for your role."}
        "#]],
    );
}

#[test]
fn another_method_is_a_problem() {
    let house = House::calm();
    let mut answers = vec![house.ask("POST", "/healthz"), house.ask_local("DELETE", "/metrics")];
    answers.extend(["PUT", "PATCH", "OPTIONS", "TRACE", "BREW"].map(|method| house.ask(method, "/readyz")));
    check(
        &answers,
        &expect![[r#"
        405
        content-type: application/problem+json
        allow: GET,HEAD
        content-security-policy: default-src 'none'; frame-ancestors 'none'
        x-content-type-options: nosniff
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        cache-control: no-store
        content-length: 155
        connection: close

        {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path does not take this method; the Allow header lists those that it does."}
    "#]],
    );
}
