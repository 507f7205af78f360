//! Room: scenario. The schema as JSON Schema (draft 2020-12), from which editors complete keys and show hints.

use serde_json::{Map, Value as Json, json};

use super::Scenario;
use super::key::{Allowed, Key, Kind, Shape};
use super::setting::Section as _;

/// The JSON Schema of scenario files.
pub fn json_schema() -> Json {
    let mut schema = object(Scenario::shape());
    let change = |word: &str, doc: &str| json!({ "type": "object", "properties": { word: { "type": "number", "description": doc } }, "required": [word], "additionalProperties": false });
    let top = schema.as_object_mut().expect("object() makes an object");
    top.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    top.insert("title".into(), json!("nearfar scenario"));
    let extends = json!({ "type": "string", "description": "Parent scenario, relative to this file or absolute; its values hold where this file says nothing." });
    top["properties"].as_object_mut().expect("object() has properties").insert("extends".into(), extends);
    let changes =
        [change("scale", "Factor on the parent's value."), change("add", "Amount added to the parent's value.")];
    top.insert(
        "$defs".into(),
        json!({ "change": { "description": "Relative to the parent's value.", "oneOf": changes } }),
    );
    schema
}

fn object(shape: &Shape) -> Json {
    let properties: Map<String, Json> = shape.keys.iter().map(|key| (key.name.to_string(), property(key))).collect();
    json!({ "type": "object", "description": shape.doc, "properties": properties, "additionalProperties": false })
}

fn property(key: &Key) -> Json {
    let or_change = |plain: Json| json!({ "anyOf": [plain, { "$ref": "#/$defs/change" }] });
    let mut schema = match key.kind {
        Kind::Number => or_change(number("number", key)),
        Kind::Integer => or_change(number("integer", key)),
        Kind::Hours => {
            or_change(json!({ "type": "array", "items": number("number", key), "minItems": 24, "maxItems": 24 }))
        }
        Kind::Numbers => or_change(json!({ "type": "array", "items": number("number", key) })),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": "string" }),
        Kind::File => json!({ "type": "string", "minLength": 1 }),
        Kind::Command => {
            let list = json!({ "type": "array", "items": { "type": "string" } });
            json!({ "anyOf": [{ "type": "string" }, list] })
        }
        Kind::Choice(words) => {
            let options: Vec<Json> =
                words.iter().map(|word| json!({ "const": word.word, "description": word.doc })).collect();
            let names: Vec<&str> = words.iter().map(|word| word.word).collect();
            json!({ "type": "string", "enum": names, "oneOf": options })
        }
        Kind::Table(below) => return object(below()),
        Kind::List(below) => {
            let mut row = object(below());
            let keyed = below().key("id").is_some();
            let required = if keyed { vec!["id"] } else { below().keys.iter().map(|key| key.name).collect() };
            row.as_object_mut().expect("object() makes an object").insert("required".into(), json!(required));
            let rows = json!({ "type": "array", "items": row.clone() });
            if keyed { rows } else { json!({ "anyOf": [row, rows] }) }
        }
    };
    let fields = schema.as_object_mut().expect("every kind is an object");
    fields.insert("description".into(), json!(description(key)));
    if let Some(default) = default_json(key) {
        fields.insert("default".into(), default);
    }
    schema
}

fn number(kind: &str, key: &Key) -> Json {
    match key.allowed {
        Allowed::Range(low, high) => json!({ "type": kind, "minimum": low, "maximum": high }),
        _ => json!({ "type": kind }),
    }
}

fn description(key: &Key) -> String {
    let unit = if key.unit.is_empty() { String::new() } else { format!(" Unit: {}.", key.unit) };
    let default = key.default.as_ref().map_or_else(String::new, |default| format!(" Default: {default}."));
    let source = if key.source.is_empty() { String::new() } else { format!(" Source: {}.", key.source) };
    format!("{}{unit}{default}{source}", key.doc)
}

/// The default as JSON: what TOML writes for numbers, strings and lists of numbers.
fn default_json(key: &Key) -> Option<Json> {
    let text = key.default.as_ref()?;
    let table: toml::Table = toml::from_str(&format!("default = {text}")).ok()?;
    serde_json::to_value(table.get("default")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_range_a_change_and_a_hint() {
        let schema = json_schema();
        let radius = &schema["properties"]["near"]["properties"]["radius_km"];
        assert_eq!(radius["anyOf"][0], json!({ "type": "number", "minimum": 0.0, "maximum": 1000.0 }));
        assert_eq!(radius["anyOf"][1]["$ref"], "#/$defs/change");
        assert_eq!(radius["default"], 3.0);
        assert!(radius["description"].as_str().unwrap().contains("Unit: km. Default: 3.0. Source: R16"));
        assert_eq!(schema["properties"]["near"]["additionalProperties"], false);
    }

    #[test]
    fn choices_list_their_words_and_rows_need_an_id() {
        let schema = json_schema();
        let queue = &schema["properties"]["dispatch"]["properties"]["queue"];
        assert_eq!(queue["enum"], json!(["fifo", "nearest", "zone"]));
        let rows = &schema["properties"]["stores"]["properties"]["archetypes"]["items"];
        assert_eq!(rows["required"], json!(["id"]));
        assert_eq!(
            schema["properties"]["demand"]["properties"]["hourly_profile"]["default"].as_array().unwrap().len(),
            24
        );
    }
}
