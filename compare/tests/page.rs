//! The page, opened in a real browser.

mod running;

use std::fs;
use std::process::{Command, Stdio};

use running::{compare, folder};
use serde_json::Value;

/// Counts what is really drawn, and what was asked for from anywhere, into the page itself.
const COUNT: &str = r#"<script>
let refused = 0;
addEventListener("securitypolicyviolation", () => refused += 1);
addEventListener("load", () => {
  const counts = {asked_for: refused + performance.getEntriesByType("resource").length, programs: {}};
  for (const group of document.querySelectorAll(".program.whole")) {
    const drawn = bar => bar.getBBox().width > 0 && bar.getBBox().height > 0;
    counts.programs[group.dataset.program] = {
      bars: [...group.querySelectorAll(".bar")].filter(drawn).length,
      titles: group.querySelectorAll(".bar > title").length,
      lanes: group.querySelectorAll(".lane").length,
    };
  }
  counts.curves = document.querySelectorAll(".plot .curve polyline").length;
  counts.wide = document.documentElement.scrollWidth > innerWidth;
  document.body.textContent = "COUNTS" + JSON.stringify(counts) + "COUNTS";
});
</script></head>"#;

#[test]
fn the_page_shows_every_request_and_asks_for_nothing() {
    let Some(browser) = browser() else {
        eprintln!("SKIPPED: there is no Chromium to open the page with");
        return;
    };
    let compared = compare("--latency 0 --number 15 --jobs 5 --sweep 1,5");
    let page = fs::read_to_string(&compared.html).expect("the page was written");
    let counts = counts(browser, &page);
    assert_eq!(counts["asked_for"], 0, "the page asks for something");
    assert_eq!(counts["curves"], 4, "the ideal and three programs");
    assert_eq!(counts["wide"], false, "the page is wider than its window");
    for program in compared.json["programs"].as_array().expect("a list") {
        let name = program["name"].as_str().expect("a name");
        let bars = if program["work"] == "downloads" {
            160
        } else {
            5
        };
        let drawn = &counts["programs"][name];
        assert_eq!(drawn["bars"], bars, "bars of {name}");
        assert_eq!(
            drawn["titles"], bars,
            "bars of {name} that say what they are"
        );
        assert_eq!(
            drawn["lanes"], program["measured"]["lanes"],
            "lanes of {name}"
        );
    }
}

/// With the longest words that there are.
#[cfg(unix)]
#[test]
fn the_twins_in_python_fit_into_the_page() {
    use running::python::{HAS_PACKAGES, can, free_threaded};
    let Some(browser) = browser().filter(|_| can(HAS_PACKAGES)) else {
        eprintln!("SKIPPED: it takes Chromium, and Python with its packages");
        return;
    };
    let python = free_threaded();
    let compared = compare(&format!(
        "--latency 0 --number 15 --jobs 5 --faulty --python {}",
        python.display()
    ));
    let page = fs::read_to_string(&compared.html).expect("the page was written");
    let counts = counts(browser, &page);
    assert_eq!(counts["wide"], false, "the page is wider than its window");
    assert_eq!(counts["programs"]["threaded_downloader.py"]["bars"], 160);
    assert_eq!(counts["programs"]["threaded_cpu.py"]["bars"], 5);
}

#[test]
fn the_page_names_no_other_place() {
    let compared = compare("--pages 10 --latency 0 --number 10 --jobs 2");
    let page = fs::read_to_string(&compared.html).expect("the page was written");
    let page = page
        .replace("http://www.w3.org/2000/svg", "")
        .replace("url(#hatch)", "");
    for place in [
        "http:", "https:", "//", "url(", "@import", "<link", "<script", " src=",
    ] {
        assert!(!page.contains(place), "the page has `{place}` in it");
    }
}

/// Opens the page with [`COUNT`] in it.
fn counts(browser: &str, page: &str) -> Value {
    // Only the script that counts may run, and still nothing may be fetched.
    let page = page
        .replace("style-src", "script-src 'unsafe-inline'; style-src")
        .replace("</head>", COUNT);
    let folder = folder();
    let file = folder.join("counting.html");
    fs::write(&file, page).expect("a file can be written");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--dump-dom",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args([
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--window-size=1200,1600",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout);
    let counts = dom.rsplit("COUNTS").nth(1).unwrap_or_else(|| {
        panic!(
            "nothing counted\n{dom}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    serde_json::from_str(counts).expect("the script wrote JSON")
}

/// The name of a browser that can be started, if there is one.
fn browser() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|browser| {
            let mut version = Command::new(browser);
            version
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            version.status().is_ok_and(|status| status.success())
        })
}
