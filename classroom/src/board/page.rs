//! The page: one document with its style and its script in it, which asks for nothing but the
//! events.

use std::hash::{BuildHasher, Hasher, RandomState};

use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{self, HeaderValue};
use maud::{DOCTYPE, PreEscaped, html};
use shared::site;

const STYLE: &str = include_str!("page/page.css");
const SCRIPTS: [&str; 3] = [
    include_str!("page/state.js"),
    include_str!("page/drawing.js"),
    include_str!("page/page.js"),
];

/// The page, ready to be sent: it says at which address the board is.
pub struct Page {
    bytes: Bytes,
    policy: HeaderValue,
}

impl Page {
    pub fn new(address: &str) -> Self {
        // A `RandomState` is seeded by the system: whatever else got into the page could not know
        // this word, and so would not run.
        let [first, second] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
        let nonce = format!("{first:016x}{second:016x}");
        let policy = format!(
            "default-src 'none'; connect-src 'self'; img-src data:; style-src 'nonce-{nonce}'; \
             script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        Self {
            bytes: document(&nonce, address).into(),
            policy: policy.try_into().expect("it is plain text"),
        }
    }

    pub fn answer(&self) -> Response<site::Page> {
        let mut response = Response::new(site::Page::whole(self.bytes.clone()));
        let headers = response.headers_mut();
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, html);
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn document(nonce: &str, address: &str) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "The board" }
                // No icon: a browser would ask for one.
                link rel="icon" href="data:,";
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body data-address=(format!("http://{address}/NAME/jython")) {
                (PreEscaped(include_str!("page/body.html")))
                script type="application/json" id="saved" { "null" }
                script nonce=(nonce) { (PreEscaped(SCRIPTS.concat())) }
            }
        }
    };
    page.into_string()
}
