//! Where grades get to, and in which shape.

mod running;

use std::fs;

use running::{EXERCISE, Folder, command, grade, hand_in, names, run, solution};
use serde_json::Value;

#[test]
fn grades_get_to_where_they_are_needed_unharmed() {
    let folder = Folder::new();
    let names_of = ["=1+1", "-right", "<b>Zoë, \"the\"", "@sum"];
    hand_in(&folder, names_of[1], solution());
    let script = "fn main() {\n    panic!(\"<script>alert(1)</script>\\u{1b}[31m\");\n}\n";
    hand_in(&folder, names_of[0], script);
    hand_in(
        &folder,
        names_of[2],
        "compile_error!(\"</pre><script>\");\n",
    );
    hand_in(&folder, names_of[3], "fn main() {}\n");
    let paths = ["page.html", "grades.csv", "results"].map(|name| folder.path(name));
    let paths = paths.map(|path| path.to_str().expect("UTF-8").to_owned());
    let options = [
        "--html",
        &paths[0],
        "--csv",
        &paths[1],
        "--results",
        &paths[2],
    ];
    let shown = grade(&folder, &options);
    shown.expect(0);
    for name in names_of {
        assert!(shown.stdout.contains(name), "{}", shown.stdout);
    }
    assert!(!shown.stdout.contains('\u{1b}'), "{}", shown.stdout);

    let page = folder.read("page.html");
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(
        !page.contains("http://") && !page.contains("src="),
        "it needs a network: {page}"
    );

    let table = folder.read("grades.csv");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let names_in_csv: Vec<String> = rows
        .records()
        .map(|row| row.expect("a row")[0].to_owned())
        .collect();
    assert_eq!(
        names_in_csv,
        ["'-right", "<b>Zoë, \"the\"", "'=1+1", "'@sum"]
    );

    assert_eq!(names(&folder.path("results")).len(), names_of.len());
    for name in names_of {
        let path = format!("results/{name}/{EXERCISE}/results.json");
        let results: Value = serde_json::from_str(&folder.read(&path)).expect("it is JSON");
        let tests = results["tests"].as_array().expect("a list");
        let sum = |key: &str| {
            tests
                .iter()
                .map(|test| test[key].as_u64().expect("a number"))
                .sum::<u64>()
        };
        assert_eq!(results["score"], sum("score"));
        assert_eq!(sum("max_score"), tests.len() as u64);
        assert_eq!(
            sum("score") == sum("max_score"),
            name == "-right",
            "{results}"
        );
        for test in tests {
            let status = if test["score"] == 1 {
                "passed"
            } else {
                "failed"
            };
            assert_eq!(test["status"], status);
            assert!(
                test["name"].is_string() && test["output"].is_string(),
                "{test}"
            );
        }
    }
}

#[test]
fn two_reports_need_two_files() {
    let folder = Folder::new();
    hand_in(&folder, "ada", "");
    fs::create_dir(folder.path("sub")).expect("a folder can be made");
    folder.write("there", "");
    for (one, other) in [
        ("new", "new"),
        ("new", "sub/../new"),
        ("there", "sub/../there"),
    ] {
        let mut command = command(&["grade", "--unconfined"]);
        command.arg("--html").arg(folder.path(one));
        command.arg("--csv").arg(folder.path(other));
        run(command.arg(folder.path("class"))).refuses(2, "is named for two files");
    }
    assert_eq!(folder.names(), ["class", "sub", "there"]);
}

#[cfg(unix)]
#[test]
fn nobody_waits_for_grades_that_a_link_leads_nowhere() {
    let folder = Folder::new();
    hand_in(&folder, "ada", "");
    let link = folder.path("link");
    std::os::unix::fs::symlink("missing-disk/grades", &link).expect("a link can be made");
    let mut command = command(&["grade", "--unconfined", "--html"]);
    run(command.arg(&link).arg(folder.path("class"))).refuses(2, "a link that leads nowhere");
    assert!(link.is_symlink());
}
