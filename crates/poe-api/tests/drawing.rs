//! Drawings from outside: the corpus of the fuzz target `drawing`, replayed on every run of the tests, and drawings that are
//! put together from pieces of attacks.

#[path = "support/drawing.rs"]
mod support;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

#[test]
fn the_fuzz_corpus_replays() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/drawing");
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is part of the repository") {
        support::fuzz(&std::fs::read(entry.unwrap().path()).unwrap());
        replayed += 1;
    }
    assert!(replayed >= 20, "only {replayed} files in {folder}");
}

/// What drawings and attacks are made of.
const PIECES: [&str; 84] = [
    "<g>",
    "</g>",
    "<g",
    "<text>",
    "</text>",
    "<rect",
    "<use",
    "<image",
    "<a",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<set",
    "<animate",
    "<foreignObject>",
    "</foreignObject>",
    "<s:g",
    "<h:script",
    "<switch>",
    "</switch>",
    "<title>",
    "</title>",
    "<pattern",
    "<svg",
    "</svg>",
    ">",
    "/>",
    " ",
    "\n",
    "\t",
    "\r",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x",
    "?>",
    "<!DOCTYPE svg",
    " xmlns=\"http://www.w3.org/2000/svg\"",
    " xmlns=\"http://www.w3.org/1999/xhtml\"",
    " xmlns=\"\"",
    " xmlns:s=\"http://www.w3.org/2000/svg\"",
    " xmlns:x=\"http://www.w3.org/1999/xlink\"",
    " x:href=\"",
    " href=\"",
    " onload=\"",
    " style=\"",
    " fill=\"",
    " id=\"",
    " class=\"",
    " d=\"",
    " transform='",
    " viewBox=\"0 0 1 1\"",
    "\"",
    "'",
    "url(",
    "#a",
    ")",
    "(",
    "rgb(1,2,3)",
    "javascript:",
    "data:image/png;base64,",
    "data:text/html,",
    "AAAA",
    "http://evil",
    "//evil",
    "@import",
    "fill:",
    "red",
    ";",
    "{",
    "}",
    ".a",
    "/*",
    "*/",
    "\\75",
    "&lt;",
    "&#60;",
    "&amp;",
    "&quot;",
    "&x;",
    "a",
    "ſ",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn nothing_that_does_harm_is_left(pieces in vec(select(&PIECES), 0..40)) {
        let inner = pieces.concat();
        support::fuzz(inner.as_bytes());
        support::fuzz(format!("<svg viewBox='0 0 1 1'>{inner}</svg>").as_bytes());
        support::fuzz(format!("<svg viewBox='0 0 1 1'><g {inner}/></svg>").as_bytes());
    }

    #[test]
    fn attributes_and_style_sheets_of_any_kind_are_harmless(
        elements in vec((select(&["g", "use", "image", "text", "pattern", "a"]), vec(select(&PIECES[58..]), 0..8)), 1..6),
        sheet in vec(select(&PIECES[56..]), 0..24),
    ) {
        let escaped = |text: String| {
            text.replace("&x;", "").replace('<', "&lt;").replace('"', "&quot;")
        };
        let names = ["href", "xlink:href", "style", "fill", "id", "d"];
        let elements: String = elements.iter().enumerate().map(|(at, (name, value))| {
            format!("<{name} {}=\"{}\"/>", names[at % names.len()], escaped(value.concat()))
        }).collect();
        let sheet = escaped(sheet.concat());
        let drawing = format!("<svg xmlns:xlink='http://www.w3.org/1999/xlink' width='3' height='2'><style>{sheet}</style>{elements}</svg>");
        support::fuzz(drawing.as_bytes());
    }
}
