//! Room: report. What the numbers of a run cover and what they do not, in sentences for page and deck.

use super::Look;
use super::wording::number;
use crate::scenario::Language;

/// The sentences for a run of `horizon_h` hours, of which KPIs leave out the first `warm_up_h`.
pub fn limits(horizon_h: f64, warm_up_h: f64, replications: u32, look: &Look) -> Vec<String> {
    let hours = number(horizon_h, if horizon_h.fract() == 0.0 { 0 } else { 1 });
    if look.language == Language::Zh {
        return limits_zh(&hours, warm_up_h, replications);
    }
    let mut notes = vec![
        format!(
            "Orders are placed during {} simulated hours of one city; afterwards the run goes on until open orders are finished.",
            hours
        ),
        "Every number comes from a model fed with the assumptions below. It tells what follows from them; it is not a forecast of a real city that was not calibrated."
            .to_owned(),
        "Costs cover last mile, picking and packing, line haul, packaging, site, returns and compensation for late orders. Cost of goods, marketing, price promotions and head office are not in them.".to_owned(),
    ];
    if warm_up_h > 0.0 {
        notes.push(format!(
            "KPIs leave out the first {warm_up_h} hours, the warm-up, and so do charts that are not by time of day."
        ));
    }
    if replications > 1 {
        notes.push(format!(
            "The KPI table gives means over {replications} replications with 95% intervals. The charts show the first replication."
        ));
        notes.push("Intervals cover chance within the model, not doubt about its assumptions.".to_owned());
    } else {
        notes.push(
            "This is a single replication, so there are no intervals: small differences to another run may be chance. Use --replications for intervals."
                .to_owned(),
        );
    }
    notes
}

/// The same in Chinese.
fn limits_zh(hours: &str, warm_up_h: f64, replications: u32) -> Vec<String> {
    let mut notes = vec![
        format!("订单在一个城市的 {hours} 个模拟小时内产生；之后继续运行，直到在途订单完成。"),
        "所有数字都来自以下列假设为输入的模型，说明的是由这些假设得出的结果；未经校准时不是对真实城市的预测。"
            .to_owned(),
        "成本包括末端配送、拣货打包、干线、包装、场地、退货与迟到赔付，不含商品成本、营销、价格促销与总部费用。"
            .to_owned(),
    ];
    if warm_up_h > 0.0 {
        notes.push(format!("指标剔除开头 {warm_up_h} 小时的预热期，不按时刻展示的图表同样剔除。"));
    }
    if replications > 1 {
        notes.push(format!("指标表为 {replications} 次重复运行的均值，附 95% 置信区间；图表展示第一次重复运行。"));
        notes.push("区间只反映模型内的随机波动，不反映对假设本身的疑问。".to_owned());
    } else {
        notes.push(
            "这是单次运行，没有区间：与另一次运行的小差异可能只是随机波动。用 --replications 得到区间。".to_owned(),
        );
    }
    notes
}
