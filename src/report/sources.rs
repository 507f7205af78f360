//! Room: report. The references behind assumptions, from docs/sources.md, so that a page names where a number comes from.

use super::Look;
use minijinja::{Value, context};

const SOURCES: &str = include_str!("../../docs/sources.md");

/// A row of docs/sources.md.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Source {
    id: &'static str,
    says: &'static str,
    trust: &'static str,
    place: &'static str,
}

fn sources() -> impl Iterator<Item = Source> {
    SOURCES.lines().filter_map(|line| {
        let cells: Vec<&'static str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let &[id, _, says, trust, place] = cells.as_slice() else { return None };
        is_reference(id).then_some(Source { id, says, trust, place })
    })
}

/// `R` and digits.
fn is_reference(word: &str) -> bool {
    word.strip_prefix('R').is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Words and what stands between them, in order.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let wordy = first.is_alphanumeric();
        let end = rest.find(|c: char| c.is_alphanumeric() != wordy).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// The text of a source in pieces: words, and references with the place on the page where they are explained.
pub(crate) fn linked(source: &str) -> Vec<Value> {
    let known: Vec<&str> = sources().map(|source| source.id).collect();
    let link = |piece: &str| (is_reference(piece) && known.contains(&piece)).then(|| format!("source-{piece}"));
    pieces(source).into_iter().map(|piece| context! { text => piece, link => link(piece) }).collect()
}

/// The references that these texts name, in the order of their numbers.
pub(crate) fn cited<'a>(texts: impl Iterator<Item = &'a str>, look: &Look) -> Vec<Value> {
    let named: Vec<&str> = texts.flat_map(pieces).filter(|piece| is_reference(piece)).collect();
    let cited = sources().filter(|source| named.contains(&source.id));
    cited
        .map(|Source { id, says, trust, place }| {
            let trust = match trust {
                "H" => look.say("high", "高"),
                "M" => look.say("medium", "中"),
                "L" => look.say("low", "低"),
                other => other,
            };
            context! { id, says, trust, place, address => address(place) }
        })
        .collect()
}

/// The address of a reference that has one: a DOI, a paper on arXiv, or a host with a path.
fn address(place: &str) -> Option<String> {
    let first = place.split([';', ',', ' ']).next().unwrap_or_default();
    let word = |before: &str| {
        let rest = &place[place.find(before)? + before.len()..];
        let end = rest.find([' ', ',', ';']).unwrap_or(rest.len());
        Some(rest[..end].to_owned()).filter(|word| !word.is_empty())
    };
    if let Some(doi) = word("doi ") {
        return Some(format!("https://doi.org/{doi}"));
    }
    if let Some(paper) = word("arXiv ") {
        return Some(format!("https://arxiv.org/abs/{paper}"));
    }
    let (host, path) = first.split_once('/')?;
    let fine = host.contains('.') && !path.is_empty() && first.is_ascii();
    fine.then(|| format!("https://{first}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_sources_is_read() {
        assert_eq!(sources().count(), SOURCES.matches("\n| R").count());
        let fee = sources().find(|source| source.id == "R24").unwrap();
        assert!(fee.says.contains("4.75 yuan an order") && fee.trust == "H", "{fee:?}");
    }

    #[test]
    fn references_become_links_and_words_stay() {
        assert_eq!(pieces("assumption; R9, R10"), ["assumption", "; ", "R9", ", ", "R10"]);
        let links =
            linked("assumption; R9, R999").iter().filter(|piece| !piece.get_attr("link").unwrap().is_none()).count();
        assert_eq!(links, 1, "R999 is not in the table");
        assert_eq!(cited(["R24, R26", "R24"].into_iter(), Look::plain()).len(), 2);
    }

    #[test]
    fn addresses_are_made_only_of_what_is_one() {
        let of = |place| address(place).unwrap_or_default();
        assert_eq!(of("doi 10.1038/s41467-020-20738-4"), "https://doi.org/10.1038/s41467-020-20738-4");
        assert_eq!(of("Ma, Ma, Romero 2025, arXiv 2502.16862"), "https://arxiv.org/abs/2502.16862");
        assert_eq!(of("jinhualiang.com/fg/2931"), "https://jinhualiang.com/fg/2931");
        assert_eq!(
            (of("financialexpress.com 3654801"), of("Xinhua, 16 Dec 2025; people.cn 20392079")),
            (String::new(), String::new())
        );
    }
}
