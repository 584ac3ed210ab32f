use super::*;

/// A drawing around this.
fn within(inner: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 8 4\">{inner}</svg>"
    )
}

/// What of this is left within a drawing.
#[track_caller]
fn left(inner: &str) -> String {
    let text = harmless(within(inner).as_bytes()).unwrap().text;
    const HEAD: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 4\"";
    let rest = text.strip_prefix(HEAD).unwrap();
    if rest == "/>" { String::new() } else { rest[1..].strip_suffix("</svg>").unwrap().to_owned() }
}

#[test]
fn a_plan_stays_as_it_is() {
    for plan in [
        "<title>First floor</title><g id=\"walls\" fill=\"none\" stroke=\"#000\"><path d=\"M0 0h8v4z M 1e-3,-2\"/></g>",
        "<defs><linearGradient id=\"a\"><stop offset=\"50%\" stop-color=\"rgb(1, 2, 3)\"/></linearGradient></defs><rect fill=\"url(#a)\" width=\"8\"/>",
        "<text x=\"1\" font-family=\"&apos;Open Sans&apos;, Grün\" xml:space=\"preserve\">Küche &amp; <tspan>1 &lt; 2</tspan></text>",
        "<style>.wall, #a &gt; path{fill:none;stroke:red}</style><path class=\"wall thick\" d=\"M1 1\"/>",
        "<symbol id=\"door\"><path d=\"M1 1\"/></symbol><use href=\"#door\" transform=\"translate(1 2)rotate(90)\"/>",
        "<image href=\"data:image/png;base64,iVBORw0KGgo=\" width=\"8\" height=\"4\"/>",
        "<rect style=\"fill:url(#a);stroke-width:2\"/>",
    ] {
        assert_eq!(left(plan), plan);
    }
}

#[test]
fn other_ways_to_write_the_same_come_out_as_one() {
    let door = "<g id=\"door\"/><use href=\"#door\"/>";
    for (written, plain) in [
        ("<g id='door'></g><use xlink:href=' #door\n'/>", door),
        (
            "<s:g xmlns:s=\"http://www.w3.org/2000/svg\" id=\"door\"/><use xlink:href=\"#door\" href=\"http://x\"/>",
            door,
        ),
        ("<g id=\"&#100;oor\"/><use href=\"#&#x64;oor\"/>", door),
        (
            "<g id=\"door\" xmlns:x=\"http://www.w3.org/1999/xlink\"><use x:href=\"#a\"/></g>",
            "<g id=\"door\"><use href=\"#a\"/></g>",
        ),
        ("<a href=\"https://example.com\"><rect/></a>", "<g><rect/></g>"),
        ("<text><a href=\"javascript:alert(1)\">exit</a></text>", "<text><tspan>exit</tspan></text>"),
        ("<switch><foreignObject/><g/></switch>", "<g><g/></g>"),
        ("<path d=\" M0 0\n\t L 1 1 \"/>", "<path d=\"M0 0 L 1 1\"/>"),
        ("<style><![CDATA[.a { fill : RED ; } /* } */ .b{x:1}]]></style>", "<style>.a{fill:RED}</style>"),
        ("<rect fill=\"URL( '#a' )\"/>", "<rect fill=\"url(#a)\"/>"),
        ("<text>a<![CDATA[<script>]]></text>", "<text>a&lt;script&gt;</text>"),
        ("<text>a\r\nb&#13;&#0160;&#1;</text>", "<text>a\nb\u{a0}</text>"),
    ] {
        assert_eq!(left(written), plain, "{written}");
    }
}

/// What is nothing but an attack leaves nothing, or an element without it.
#[test]
fn attacks_are_left_out() {
    for attack in [
        // Scripts, in any case, under any prefix, however they are hidden.
        "<script>alert(1)</script>",
        "<SCRIPT>alert(1)</SCRIPT>",
        "<script href=\"http://evil/x.js\"/>",
        "<script><![CDATA[alert(1)]]></script>",
        "<s:script xmlns:s=\"http://www.w3.org/2000/svg\">alert(1)</s:script>",
        "<script xmlns=\"http://www.w3.org/1999/xhtml\">alert(1)</script>",
        "<h:script xmlns:h=\"http://www.w3.org/1999/xhtml\">alert(1)</h:script>",
        "<script/><!-- --><script>/*<![CDATA[*/alert(1)/*]]>*/</script>",
        // Documents within.
        "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><iframe src=\"//evil\"/></body></foreignObject>",
        "<iframe src=\"javascript:alert(1)\"/>",
        "<embed src=\"data:text/html,x\"/>",
        "<object data=\"data:image/svg+xml,x\"/>",
        "<html:img xmlns:html=\"http://www.w3.org/1999/xhtml\" src=\"x\" onerror=\"alert(1)\"/>",
        "<handler xmlns:ev=\"http://www.w3.org/2001/xml-events\" ev:event=\"load\">alert(1)</handler>",
        "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>",
        "<metadata><script>alert(1)</script></metadata>",
        // What changes attributes later.
        "<animate attributeName=\"href\" values=\"javascript:alert(1)\"/>",
        "<set attributeName=\"onmouseover\" to=\"alert(1)\"/>",
        "<animateTransform/><animateMotion/><discard/>",
        "<filter><feImage href=\"http://evil/\"/></filter>",
        // Style sheets that fetch.
        "<style>@import url(http://evil/x.css);</style>",
        "<style>@import 'http://evil/x.css'; </style>",
        "<style>@\\69mport url(//evil);</style>",
        "<style>*{background:url(http://evil)}</style>",
        "<style>.a{fill:url(#b)}</style>",
        "<style>.a{fill:u\\72l(http://evil)}</style>",
        "<style>.a{fill:u/**/rl(http://evil)}</style>",
        "<style>@font-face{font-family:x;src:url(http://evil)}</style>",
        "<style>@media print{.a{behavior:url(x.htc)}}</style>",
        "<style>.a{width:expression(alert(1))}</style>",
        "<style>&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;</style>",
        "<style><script>alert(1)</script></style>",
        "<style href=\"http://evil\"/>",
        "<link xmlns=\"http://www.w3.org/1999/xhtml\" rel=\"stylesheet\" href=\"http://evil\"/>",
        "<?xml-stylesheet href=\"http://evil/x.css\"?>",
        "<?php echo 1 ?>",
        "<!-- <script>alert(1)</script> -->",
        "stray text <![CDATA[<script>alert(1)</script>]]>",
    ] {
        assert_eq!(left(attack), "", "{attack}");
    }
}

#[test]
fn attributes_that_do_harm_are_left_out() {
    for attribute in [
        "onload=\"alert(1)\"",
        "ONCLICK=\"alert(1)\"",
        "onfocusin=\"alert(1)\"",
        "xlink:onload=\"x\"",
        "ev:event=\"click\" xmlns:ev=\"http://www.w3.org/2001/xml-events\"",
        "href=\"javascript:alert(1)\"",
        "href=\"JaVaScRiPt:alert(1)\"",
        "href=\"java\tscript:alert(1)\"",
        "href=\"java&#10;script:alert(1)\"",
        "href=\"&#x6A;avascript:alert(1)\"",
        "href=\"\u{1}javascript:alert(1)\"",
        "href=\"vbscript:x\"",
        "href=\"data:text/html;base64,PHNjcmlwdD4=\"",
        "href=\"data:image/svg+xml;base64,PHN2Zz4=\"",
        "href=\"data:image/png,<svg onload=alert(1)>\"".replace('<', "&lt;").as_str(),
        "href=\"http://evil/#door\"",
        "href=\"//evil\"",
        "href=\"file:///etc/passwd\"",
        "href=\"other.svg#door\"",
        "href=\"#\"",
        "href=\"#xpointer(id('a'))\"",
        "xlink:href=\"http://evil\"",
        "src=\"http://evil\"",
        "xml:base=\"http://evil/\"",
        "fill=\"url(http://evil)\"",
        "fill=\"url(//evil#a)\"",
        "fill=\"url (#a)\"",
        "fill=\"url(#a\"",
        "fill=\"url(&quot;#a)\" stroke=\"url(#a') url(http://evil)\"",
        "mask=\"image-set('http://evil' 1x)\"",
        "fill=\"var(--x)\"",
        "fill=\"\\75rl(http://evil)\"",
        "fill=\"red;background:url(x)\"",
        "cursor=\"url(http://evil)\"",
        "filter=\"url(#f)\"",
        "style=\"background:url(http://evil)\"",
        "style=\"fill:url(http://evil)\"",
        "style=\"fill:expression(alert(1))\"",
        "style=\"-moz-binding:url(http://evil)\"",
        "style=\"fill:\\75 rl(http://evil)\"",
        "style=\"@import 'x'\"",
        "style=\"fill:'\"",
        "id=\"a b\"",
        "id=\"&quot;&gt;&lt;script&gt;\"",
        "data-x=\"1\"",
        "formaction=\"javascript:alert(1)\"",
        "requiredExtensions=\"x\"",
    ] {
        for element in ["rect", "use", "image", "textPath", "pattern"] {
            let bare = format!("<{element}/>");
            assert_eq!(left(&format!("<{element} {attribute}/>")), bare, "{attribute}");
        }
    }
    assert_eq!(left("<image href=\"#a\"/><rect href=\"#a\"/>"), "<image/><rect/>", "they refer to nothing");
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: &str) {
    let refused = harmless(bytes).unwrap_err().to_string();
    assert!(
        refused.contains(expected),
        "{refused}: {}",
        String::from_utf8_lossy(&bytes[..bytes.len().min(200)])
    );
}

#[test]
fn what_is_no_drawing_is_refused_with_the_reason() {
    let plain = within("");
    let utf16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_refused(&[b"\xFF\xFE".as_slice(), &utf16].concat(), "UTF-8");
    check_refused(&utf16, "UTF-8");
    check_refused(b"<svg viewBox='0 0 1 1'>\xFF</svg>", "UTF-8");
    check_refused(
        format!("<?xml version=\"1.0\" encoding=\"latin1\"?>{}", within("<text>é</text>")).as_bytes(),
        "UTF-8",
    );
    for (text, expected) in [
        ("", "must be svg"),
        ("<html/>", "must be svg"),
        ("<svg xmlns='http://www.w3.org/1999/xhtml' viewBox='0 0 1 1'/>", "must be svg"),
        ("<g viewBox='0 0 1 1'/>", "must be svg"),
        ("<svg/>", "viewBox"),
        ("<svg width='100%' height='100%'/>", "viewBox"),
        ("<svg viewBox='0 0 0 1'/>", "viewBox"),
        ("<svg viewBox='0 0 -1 1'/>", "viewBox"),
        ("<svg viewBox='0 0 NaN inf'/>", "viewBox"),
        ("<svg viewBox='0 0 1e300 1'/>", "viewBox"),
        ("<svg viewBox='0 0 1 1'>", "it ends in the middle"),
        ("<svg viewBox='0 0 1 1'><g></svg>", "not well-formed"),
        ("<svg viewBox='0 0 1 1'/><svg/>", "after the drawing"),
        ("<svg viewBox='0 0 1 1'/>text", "outside"),
        ("<svg viewBox='0 0 1 1' onload=x/>", "not written as"),
        ("<svg viewBox='0 0 1 1'><text>&nbsp;</text></svg>", "entities"),
        ("<svg viewBox='0 0 1 1' id='&x;'/>", "entities"),
        (
            "<!DOCTYPE svg [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><svg viewBox='0 0 1 1'><text>&b;</text></svg>",
            "entities",
        ),
        ("<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg viewBox='0 0 1 1'/>", "entities"),
        ("<svg viewBox='0 0 1 1'><g id='a'><use href='#a'/></g></svg>", "in a circle"),
        (
            "<svg viewBox='0 0 1 1'><pattern id='p'><rect style='fill:url(#p)'/></pattern></svg>",
            "in a circle",
        ),
    ] {
        check_refused(text.as_bytes(), expected);
    }
}

#[test]
fn what_is_too_much_is_refused() {
    check_refused(within(&"<g>".repeat(200)).as_bytes(), "within each other");
    check_refused(within(&"<g/>".repeat(ELEMENTS_MAX)).as_bytes(), "250000 elements");
    let attributes: String = (0..300).map(|n| format!(" a{n}=''")).collect();
    check_refused(within(&format!("<g{attributes}/>")).as_bytes(), "256 attributes");
    let prefixes: String = (0..70).map(|n| format!(" xmlns:a{n}=''")).collect();
    check_refused(within(&format!("<g{prefixes}/>")).as_bytes(), "64 prefixes");
    let ten = |target: usize| format!("<use href=\"#l{target}\"/>").repeat(10);
    let laughs: String = (1..9).map(|n| format!("<g id=\"l{n}\">{}</g>", ten(n - 1))).collect();
    check_refused(within(&format!("<g id=\"l0\"/>{laughs}")).as_bytes(), "with all that is repeated");
    let corners = "1 1 ".repeat(2_000);
    let marked = format!(
        "<marker id=\"m\">{}</marker><path d=\"M{corners}\" marker-mid=\"url(#m)\"/>",
        "<g/>".repeat(1_000)
    );
    check_refused(within(&marked).as_bytes(), "with all that is repeated");
}

#[test]
fn the_sides_are_what_the_drawing_says() {
    let sides = |root: &str| harmless(root.as_bytes()).map(|it| (it.width, it.height, it.text));
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"";
    for (root, width, height, text) in [
        ("<svg viewBox='0,0 800.4 600'/>", 800, 600, format!("{svg} viewBox=\"0,0 800.4 600\"/>")),
        (
            "<svg width='210mm' height='1in' viewBox='0 0 1 1'/>",
            794,
            96,
            format!("{svg} width=\"210mm\" height=\"1in\" viewBox=\"0 0 1 1\"/>"),
        ),
        (
            "<svg width='20' height='10px'/>",
            20,
            10,
            format!("{svg} width=\"20\" height=\"10px\" viewBox=\"0 0 20 10\"/>"),
        ),
        (
            "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE svg PUBLIC \"a\" \"b\">\n<svg viewBox='0 0 .1 .2'/>\n",
            1,
            1,
            format!("{svg} viewBox=\"0 0 .1 .2\"/>"),
        ),
    ] {
        assert_eq!(sides(root), Ok((width, height, text)), "{root}");
    }
}
