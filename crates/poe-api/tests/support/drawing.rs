//! What must hold for every drawing that was made harmless, looked at by a reader that knows nothing of how it was made.

#[path = "../../src/plans/svg/mod.rs"]
mod svg;

const ELEMENTS: [&str; 26] = [
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "image",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "symbol",
    "text",
    "textPath",
    "title",
    "tspan",
    "use",
];

/// Any bytes are refused, or become a drawing without anything that could do harm, which comes out of a second time as it
/// went in.
pub fn fuzz(input: &[u8]) {
    let Ok(drawing) = svg::harmless(input) else { return };
    check(&drawing.text);
    assert!(drawing.width >= 1 && drawing.height >= 1);
    assert_eq!(svg::harmless(drawing.text.as_bytes()).as_ref(), Ok(&drawing), "once is as good as twice");
}

/// Takes the text apart at its angles, which are nowhere but around tags.
fn check(text: &str) {
    assert!(text.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
    let mut open: Vec<&str> = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, said) = piece.split_once('>').expect("every tag ends");
        assert!(!said.contains('>'), "{piece}");
        if open.last() == Some(&"style") {
            assert!(tag == "/style", "there is nothing but text in a style sheet: {text}");
        }
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{text}");
            continue;
        }
        let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "{name} in {text}");
        check_attributes(name, attributes);
        if name == "style" {
            check_sheet(&unescaped(said));
        }
        if !is_closed {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} in {text}");
}

fn check_attributes(element: &str, mut rest: &str) {
    let mut seen = Vec::new();
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("every attribute has a value");
        let (value, after) = value.split_once('"').expect("every value ends");
        rest = after.trim_start();
        let value = unescaped(value).to_lowercase();
        assert!(!name.to_lowercase().starts_with("on") && !name.contains(char::is_whitespace), "{name}");
        assert!(!name.contains(':') || name == "xml:space", "{name}");
        assert!(!seen.contains(&name), "{name} twice");
        seen.push(name);
        match name {
            "href" if element == "image" => {
                let pixels = ["png", "jpeg", "jpg", "webp"];
                assert!(
                    pixels.iter().any(|it| value.starts_with(&format!("data:image/{it};base64,"))),
                    "{value}"
                );
            }
            "href" => assert!(value.starts_with('#'), "{value}"),
            "xmlns" => assert!(value == "http://www.w3.org/2000/svg" && element == "svg"),
            "style" => check_css(&value),
            _ => {
                assert!(!value.contains([':', ';', '\\', '/', '@', '&', '<']), "{name}: {value}");
                check_css(&value);
            }
        }
    }
}

fn check_sheet(sheet: &str) {
    check_css(sheet);
    assert!(!sheet.to_lowercase().contains("url") || !sheet.to_lowercase().contains("url("), "{sheet}");
}

fn check_css(css: &str) {
    let css = css.to_lowercase();
    assert!(!css.contains(['\\', '@', '<', '/']), "{css}");
    assert!(
        !["expression(", "image(", "image-set(", "src(", "javascript:"].iter().any(|it| css.contains(it)),
        "{css}"
    );
    assert!(css.split("url(").skip(1).all(|target| target.starts_with('#')), "{css}");
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}
