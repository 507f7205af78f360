//! Room: results. Paths in commands that are printed to be typed, or written into scripts.

use std::path::Path;

/// A word that a shell reads as it is, in quotes.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A path as a word of a command: in quotes only where a shell would not read it as it is.
pub fn shell_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { quoted(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("a b'c"), "'a b'\\''c'");
        let told = ["output/fleet-2", "a b/c", "it's", "~/x", ""].map(|path| shell_path(Path::new(path)));
        assert_eq!(told, ["output/fleet-2", "'a b/c'", "'it'\\''s'", "'~/x'", "''"]);
    }
}
