//! Room: deck. A package of office files: a zip of named parts, the same parts giving the same bytes; and text for XML.

use super::DeckError;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The parts of a package while they are gathered.
#[derive(Default)]
pub(super) struct Package {
    parts: Vec<(String, Vec<u8>)>,
}

impl Package {
    pub(super) fn add(&mut self, name: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.parts.push((name.into(), bytes.into()));
    }

    /// The zip file. Parts carry no time; pictures are packed already.
    pub(super) fn finish(self) -> Result<Vec<u8>, DeckError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in self.parts {
            let method = if name.ends_with(".png") { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options =
                SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
            zip.start_file(name, options)?;
            zip.write_all(&bytes).map_err(zip::result::ZipError::Io)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// The text as XML character data or attribute value; what XML cannot hold becomes a space.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_write_stays_text() {
        assert_eq!(escaped("a<b> & \"c\"\n\u{1}近"), "a&lt;b&gt; &amp; &quot;c&quot;  近");
    }

    #[test]
    fn the_same_parts_give_the_same_bytes() {
        let make = || {
            let mut package = Package::default();
            package.add("a.xml", "<a/>");
            package.add("b.png", vec![1u8; 100]);
            package.finish().unwrap()
        };
        assert_eq!(make(), make());
    }
}
