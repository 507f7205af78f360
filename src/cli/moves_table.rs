//! Room: cli. What became of the same people in base and what-if, as aligned text and for a program.

use super::kpi_table::{Side, aligned};
use crate::report::wording::{count, number, signed};
use crate::study::{MoveRow, Moves};
use serde_json::{Map, Value, json};

/// The classes that occur, with how many are in them and what that changes in money.
pub(super) fn moves_table(moves: &Moves, currency: &str) -> String {
    let head = [
        String::new(),
        moves.unit.into(),
        String::new(),
        "share".into(),
        String::new(),
        format!("GMV, {currency}"),
        String::new(),
        format!("contribution, {currency}"),
        String::new(),
    ];
    let half = |half: f64, places: usize| match half.is_finite() {
        true => format!("± {}", number(half, places)),
        false => String::new(),
    };
    let row = |row: &MoveRow| {
        let money = |(mean, width): (f64, f64)| [signed(mean, 0), half(width, 0)];
        let ([gmv, gmv_half], [earned, earned_half]) = (money(row.gmv_difference), money(row.earned_difference));
        let places = usize::from(row.count.0 < 100.0 && row.count.0.fract() != 0.0);
        [
            row.class.name().replace("_to_", " → ").replace('_', " "),
            number(row.count.0, places),
            half(row.count.1, places),
            format!("{} %", number(row.share.0 * 100.0, 2)),
            half(row.share.1 * 100.0, 2),
            gmv,
            gmv_half,
            earned,
            earned_half,
        ]
    };
    let happens = |row: &&MoveRow| row.count.0 > 0.0;
    let rows: Vec<[String; 9]> = std::iter::once(head).chain(moves.rows.iter().filter(happens).map(row)).collect();
    use Side::{Left, Right};
    let table = aligned(&rows, [Left, Right, Left, Right, Left, Right, Left, Right, Left]);
    let who = match moves.unit {
        "sessions" => String::new(),
        _ => "; arrivals are orders, so that nobody leaves or comes (choice.model = \"logit\" has sessions)".to_owned(),
    };
    format!("\nWhat became of the same {} {}{who}\n{table}\n", count(moves.all.round() as usize), moves.unit)
}

/// The same for a program.
pub(super) fn moves_json(moves: &Moves) -> Value {
    let class = |row: &MoveRow| {
        let numbers: Map<String, Value> = row.numbers().map(|(name, value)| (name.to_owned(), value.into())).collect();
        (row.class.name(), Value::Object(numbers))
    };
    json!({
        "unit": moves.unit,
        "mean": moves.all,
        "others_share": moves.others_share,
        "classes": moves.rows.iter().map(class).collect::<Map<_, _>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Move;

    #[test]
    fn classes_that_occur_are_told_with_their_money() {
        let none = (0.0, 0.0);
        let row = |class, count, share, gmv_difference| MoveRow {
            class,
            count,
            share,
            gmv_base: 0.0,
            gmv_whatif: 0.0,
            gmv_difference,
            earned_difference: none,
        };
        let rows = vec![
            row(Move::Unchanged, (900.0, 4.0), (0.9, 0.004), none),
            row(Move::Moved { from: 1, to: 0 }, (100.0, 2.5), (0.1, 0.0025), (-1234.0, 56.0)),
            row(Move::Lost, none, none, none),
        ];
        let moves = Moves { unit: "sessions", all: 1000.0, others_share: 0.0, rows, flows: Vec::new() };
        let table = moves_table(&moves, "CNY");
        assert!(table.contains("What became of the same 1,000 sessions\n"), "{table}");
        let line = table.lines().find(|line| line.contains("moved far → near")).expect(&table);
        assert!(line.contains("100  ± 2") && line.contains("10.00 %") && line.contains("−1,234  ± 56"), "{line}");
        assert!(!table.contains("lost"), "{table}");
        let orders = moves_table(&Moves { unit: "orders", ..moves.clone() }, "CNY");
        assert!(orders.contains("arrivals are orders"), "{orders}");
        assert_eq!(moves_json(&moves)["classes"]["moved_far_to_near"]["mean"], 100.0);
    }
}
