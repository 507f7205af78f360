//! Room: report, for tests only. Charts of the sample city, small, against those in tests/golden/charts, by tolerance: whoever
//! changes how a chart looks sees it here, and so does the reviewer. `NEARFAR_UPDATE_GOLDEN=1 cargo test --lib goldens` renews them.

use super::charts::tests::{delta_chart_of_a_day, studies};
use super::render::tree;
use super::sample::City;
use super::{Chart, Look, RunView};
use crate::scenario::Language;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use resvg::tiny_skia::{Pixmap, Transform};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

const WIDTH: u32 = 480;
const HEIGHT: u32 = WIDTH / 16 * 9;
/// Colours of a golden; charts are flat, so that few are enough.
const COLOURS: usize = 80;
/// A pixel differs if one of its channels does by more than this; colours taken together differ by less.
const THRESHOLD: u8 = 40;
/// Share of the pixels that may differ: about 39 of them, less than a small label.
const MOST: f64 = 0.0003;

type Rgb = [u8; 3];

/// A picture, row by row from the top.
#[derive(Clone, PartialEq)]
struct Picture {
    width: u32,
    pixels: Vec<Rgb>,
}

impl Picture {
    fn of(chart: &Chart) -> Picture {
        let tree = tree(&chart.svg, None).unwrap();
        let mut pixels = Pixmap::new(WIDTH, HEIGHT).unwrap();
        let scale = WIDTH as f32 / tree.size().width();
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        Picture::from(&pixels)
    }
    fn from(pixels: &Pixmap) -> Picture {
        let rgb = pixels.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]);
        Picture { width: pixels.width(), pixels: rgb.collect() }
    }
    /// The same in few colours.
    fn reduced(&self) -> Picture {
        let coarse = |pixel: &Rgb| pixel.map(|channel| channel & 0xF0);
        let mut met: BTreeMap<Rgb, (usize, [usize; 3])> = BTreeMap::new();
        for pixel in &self.pixels {
            let entry = met.entry(coarse(pixel)).or_default();
            entry.0 += 1;
            entry.1.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += usize::from(*channel));
        }
        let met: Vec<(usize, Rgb)> =
            met.into_values().map(|(n, sum)| (n, sum.map(|channel| (channel / n) as u8))).collect();
        let palette = palette(&met);
        let mut known = BTreeMap::new();
        let nearest = |pixel: &Rgb| {
            *known.entry(*pixel).or_insert_with(|| *palette.iter().min_by_key(|colour| apart(colour, pixel)).unwrap())
        };
        Picture { width: self.width, pixels: self.pixels.iter().map(nearest).collect() }
    }
    /// The picture as a PNG with a palette; it must hold at most 256 colours.
    fn png(&self) -> Vec<u8> {
        let mut palette: Vec<Rgb> = self.pixels.clone();
        palette.sort_unstable();
        palette.dedup();
        assert!(palette.len() <= 256);
        let height = self.pixels.len() as u32 / self.width;
        let header = [&self.width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 3, 0, 0, 0]].concat();
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        for row in self.pixels.chunks(self.width as usize) {
            let indices = row.iter().map(|pixel| palette.binary_search(pixel).unwrap() as u8);
            // Every row begins with the number of its filter: none.
            packed.write_all(&std::iter::once(0).chain(indices).collect::<Vec<u8>>()).unwrap();
        }
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut png, b"IHDR", &header);
        chunk(&mut png, b"PLTE", palette.as_flattened());
        chunk(&mut png, b"IDAT", &packed.finish().unwrap());
        chunk(&mut png, b"IEND", &[]);
        png
    }
    /// Pixels that differ, row by row; None if the pictures are not of one size.
    fn against(&self, other: &Picture) -> Option<Vec<bool>> {
        let differ = |(a, b): (&Rgb, &Rgb)| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > THRESHOLD);
        let same_size = self.width == other.width && self.pixels.len() == other.pixels.len();
        same_size.then(|| self.pixels.iter().zip(&other.pixels).map(differ).collect())
    }
}

/// Square of the distance of two colours.
fn apart(a: &Rgb, b: &Rgb) -> usize {
    a.iter().zip(b).map(|(a, b)| usize::from(a.abs_diff(*b)).pow(2)).sum()
}

/// The colours that leave least wrong: the most frequent one, then always the one that most pixels would be furthest without.
fn palette(met: &[(usize, Rgb)]) -> Vec<Rgb> {
    let Some((_, first)) = met.iter().max() else { return Vec::new() };
    let mut palette = vec![*first];
    let mut off: Vec<usize> = met.iter().map(|(_, colour)| apart(colour, first)).collect();
    while palette.len() < COLOURS {
        let wrong = |place: &usize| met[*place].0 * off[*place];
        let Some(next) = (0..met.len()).max_by_key(wrong).filter(|place| wrong(place) > 0) else { break };
        let colour = met[next].1;
        palette.push(colour);
        off.iter_mut().zip(met).for_each(|(off, (_, other))| *off = apart(other, &colour).min(*off));
    }
    palette
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let mut sum = flate2::Crc::new();
    sum.update(&png[start..]);
    png.extend(sum.sum().to_be_bytes());
}

/// The golden, the picture now, and in red on grey what differs, below each other.
fn shown(golden: &Picture, now: &Picture, differ: &[bool]) -> Picture {
    let marked = now.pixels.iter().zip(differ).map(|(pixel, differs)| match differs {
        true => [0xD0, 0x00, 0x20],
        false => pixel.map(|channel| 0xC0 + channel / 4),
    });
    let all = golden.reduced().pixels.into_iter().chain(now.reduced().pixels);
    Picture {
        width: now.width,
        pixels: all.chain(Picture { width: now.width, pixels: marked.collect() }.reduced().pixels).collect(),
    }
}

/// What is wrong with a picture, with the path of a picture that shows it; None if it is as it was.
fn complaint(name: &str, golden: &Picture, now: &Picture, folder: &Path) -> Option<String> {
    let Some(differ) = golden.against(now) else {
        return Some(format!("{name}: {} pixels wide, was {}", now.width, golden.width));
    };
    let share = differ.iter().filter(|differs| **differs).count() as f64 / differ.len() as f64;
    if share <= MOST {
        return None;
    }
    let path = folder.join(format!("{name}.png"));
    fs::create_dir_all(folder).unwrap();
    fs::write(&path, shown(golden, now, &differ).png()).unwrap();
    let (share, most) = (share * 100.0, MOST * 100.0);
    Some(format!(
        "{name}: {share:.2}% of its pixels differ, {most:.2}% may; was, is and what differs: {}",
        path.display()
    ))
}

/// Charts of runs, of a comparison and of a sweep, by the name of their golden.
fn all() -> Vec<(String, Chart)> {
    let day = City { orders: 9_000, pickup_chance: 0.2, ..City::default() };
    let run = super::charts(&day.frames().view()).unwrap();
    let nothing = City { orders: 0, couriers: 0.0, stores: 0, ..day };
    let nothing = super::charts(&nothing.frames().view()).unwrap();
    let zh = Look { language: Language::Zh, ..Look::default() };
    let chinese = super::charts(&RunView { look: &zh, ..day.frames().view() }).unwrap();
    let named = |case: &'static str| move |chart: Chart| (format!("{}{case}", chart.slug), chart);
    let charts = run.into_iter().chain(studies()).chain([delta_chart_of_a_day()]).map(named(""));
    let charts = charts.chain(chinese.into_iter().map(named("-zh")));
    // Of charts that have nothing to draw one is enough.
    charts.chain(nothing.into_iter().take(1).map(named("-nothing"))).collect()
}

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/charts")
}

fn diff_folder() -> PathBuf {
    std::env::temp_dir().join("nearfar-golden-charts")
}

#[test]
fn charts_look_as_they_did() {
    let charts = all();
    let file = |name: &str| golden_folder().join(format!("{name}.png"));
    if std::env::var_os("NEARFAR_UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(golden_folder()).unwrap();
        for (name, chart) in &charts {
            let picture = Picture::of(chart);
            let golden = picture.reduced();
            assert_eq!(complaint(name, &golden, &picture, &diff_folder()), None, "too few colours");
            fs::write(file(name), golden.png()).unwrap();
        }
        return;
    }
    let wrong: Vec<String> = charts
        .iter()
        .filter_map(|(name, chart)| match fs::read(file(name)) {
            Err(error) => Some(format!("{name}: {}: {error}", file(name).display())),
            Ok(bytes) => {
                let golden = Picture::from(&Pixmap::decode_png(&bytes).unwrap());
                complaint(name, &golden, &Picture::of(chart), &diff_folder())
            }
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "charts look different; if that is wanted, look at them and renew them with NEARFAR_UPDATE_GOLDEN=1 cargo test --lib goldens\n{}",
        wrong.join("\n")
    );
    let known = fs::read_dir(golden_folder()).unwrap().map(|entry| entry.unwrap().path());
    let stale: Vec<PathBuf> = known.filter(|path| !charts.iter().any(|(name, _)| file(name) == *path)).collect();
    assert!(stale.is_empty(), "pictures of charts that are not drawn any more: {stale:?}");
}

#[test]
fn a_golden_survives_its_file_and_few_colours() {
    let picture = Picture::of(&studies()[0]);
    let golden = picture.reduced();
    let bytes = golden.png();
    assert!(bytes.len() < 30_000, "{}", bytes.len());
    let read = Picture::from(&Pixmap::decode_png(&bytes).unwrap());
    assert!(read == golden, "written and read back");
    let folder = diff_folder().join("self");
    assert_eq!(complaint("itself", &read, &picture, &folder), None);
}

#[test]
fn what_a_reader_would_see_is_seen() {
    let city = City { orders: 3_000, ..City::default() };
    let chart = |city: City| city.chart("04-cost-waterfall");
    let golden = Picture::of(&chart(city)).reduced();
    let folder = diff_folder().join("self");
    let complaint = |svg: String| {
        let now = Picture::of(&Chart { svg, ..chart(city) });
        complaint("changed", &golden, &now, &folder)
    };
    let svg = chart(city).svg;
    assert_eq!(complaint(svg.clone()), None);
    // A colour, a label that is gone, other numbers.
    let recoloured = svg.replace("#D55E00", "#009E73").replace("#d55e00", "#009e73");
    assert_ne!(recoloured, svg);
    let told = complaint(recoloured).expect("another colour");
    let path = folder.join("changed.png");
    assert!(told.contains(&path.display().to_string()), "{told}");
    let shown = Pixmap::decode_png(&fs::read(&path).unwrap()).unwrap();
    assert_eq!((shown.width(), shown.height()), (WIDTH, 3 * HEIGHT));
    assert!(complaint(svg.replace("Last mile", "")).is_some(), "a label that is gone");
    assert!(complaint(chart(City { near_chance: 0.3, ..city }).svg).is_some(), "other numbers");
    let narrow = Picture { width: WIDTH / 2, pixels: golden.pixels.clone() };
    assert_eq!(golden.against(&narrow), None);
}
