//! The worked page on a policy of your own: its code is that of the example, which is compiled.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_page_shows_the_example_whole_and_in_order() {
    let page = read("docs/your-own-policy.md");
    let blocks = page.split("```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let shown: Vec<&str> = blocks.flat_map(str::lines).filter(|line| !line.is_empty()).collect();
    let example = read("examples/your_own_policy.rs");
    let code: Vec<&str> = example.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(shown, code, "docs/your-own-policy.md and examples/your_own_policy.rs differ");
    assert!(example.lines().count() < 60, "the page promises a short program");
    assert!(page.contains(&format!("in {} lines of Rust", example.lines().count())));
}
