//! Room: report. Ids of categories and kinds of stores as words; those of the shipped scenarios also in Chinese.

use super::Look;
use crate::scenario::Language;

/// Words of tables and ids of the shipped scenarios in the trade's Chinese.
const CHINESE: [(&str, &str); 11] = [
    ("all", "全部"),
    ("not_known", "未知"),
    ("convenience", "便利快消"),
    ("fresh", "生鲜"),
    ("health", "健康"),
    ("beauty", "美妆"),
    ("apparel", "服饰"),
    ("electronics", "数码"),
    ("flash_warehouse", "闪电仓"),
    ("supermarket", "超市"),
    ("brand_store", "品牌店"),
];

/// An id as a name: `flash_warehouse` as `Flash warehouse` or 闪电仓; one that is not known as it stands, without underscores.
pub(crate) fn known_name(look: &Look, id: &str) -> String {
    let chinese = CHINESE.iter().find(|(known, _)| *known == id && look.language == Language::Zh);
    if let Some((_, name)) = chinese {
        return (*name).to_owned();
    }
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn every_id_of_the_baseline_has_a_chinese_name() {
        let zh = Look { language: Language::Zh, ..Look::default() };
        let baseline = Scenario::default();
        let ids = baseline.catalogue.categories.iter().map(|category| category.id.clone());
        let kinds = baseline.stores.archetypes.iter().map(|kind| kind.id.clone());
        for id in ids.chain(kinds) {
            assert!(!known_name(&zh, &id).is_ascii(), "{id}");
        }
        assert_eq!(known_name(&zh, "my_shop"), "My shop");
        assert_eq!(known_name(Look::plain(), "flash_warehouse"), "Flash warehouse");
        assert_eq!(known_name(Look::plain(), ""), "");
    }
}
