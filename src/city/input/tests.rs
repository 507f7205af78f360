use super::*;
use crate::city::{Channel, LonLat};
use crate::table::{COMMA, parse};

fn known() -> Known {
    Known {
        archetypes: vec!["flash_warehouse".into(), "supermarket".into()],
        categories: vec!["fresh".into(), "beauty".into()],
        stores: vec!["SKU-90".into(), "Alpha".into()],
        ..Known::only(Metric::Euclid)
    }
}

fn table(file: &str, text: &str) -> crate::table::Table {
    parse(file, text.as_bytes().to_vec(), COMMA).unwrap()
}

fn told<T: std::fmt::Debug>(outcome: Result<T, Vec<Problem>>) -> Vec<String> {
    outcome.unwrap_err().iter().map(Problem::to_string).collect()
}

fn orders_of(text: &str) -> Result<Vec<OrderRow>, Vec<Problem>> {
    orders(&table("orders.csv", text), &known())
}

fn couriers_of(text: &str) -> Result<Vec<CourierRow>, Vec<Problem>> {
    couriers(&table("couriers.csv", text), &known())
}

#[test]
fn a_full_order_row_is_read_and_empty_cells_are_absent() {
    let rows = orders_of(
        "order_id,placed_s,x_m,y_m,store,channel,ready_s,pick_s,service_s,category,value_yuan,quantity\n\
         o1,10,1.5,2,Alpha,near,40,,180,beauty,99.5,3\n\
         o2,11,0,0,,,,,,,,\n",
    )
    .unwrap();
    assert_eq!(rows[0].place.coordinates, Some(Coordinates::Metres { x_m: 1.5, y_m: 2.0 }));
    assert_eq!((rows[0].store, rows[0].channel, rows[0].category), (Some(1), Some(Channel::Near), Some(1)));
    assert_eq!((rows[0].ready_s, rows[0].service_s, rows[0].quantity), (Some(40.0), Some(180.0), 3));
    assert_eq!((rows[1].store, rows[1].channel, rows[1].ready_s, rows[1].quantity), (None, None, None, 1));
}

#[test]
fn zero_orders_couriers_and_stores_are_legal() {
    assert!(orders_of("order_id,placed_s,x_m,y_m\n").unwrap().is_empty());
    assert!(couriers_of("courier_id,x_m,y_m,on_s,off_s\n").unwrap().is_empty());
    assert!(stores(&table("stores.csv", "store_id,x_m,y_m\n"), &known()).unwrap().is_empty());
}

#[test]
fn an_unknown_column_names_the_one_that_was_meant() {
    let problems = told(orders_of("order_id,placed,x_m,y_m\no1,1,0,0\n"));
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("column placed: an unknown column"), "{}", problems[0]);
    assert!(problems[0].contains("did you mean \"placed_s\"?"), "{}", problems[0]);
    assert!(problems[1].contains("no column placed_s"), "{}", problems[1]);
}

#[test]
fn every_bad_cell_is_told_in_one_go_with_row_and_column() {
    let problems = told(orders_of(
        "order_id,placed_s,x_m,y_m,store,quantity,value_yuan\n\
         o1,-5,0,0,Alpha,1,1\n\
         o2,NaN,0,0,Alpha,1,1\n\
         o3,abc,zero,0,SKU-9,1,1\n\
         o3,1,0,0,Alpha,0.5,-1\n\
         o1,1,0,0,Alpha,1e99,inf\n\
         ,1,0,0,,1,1\n",
    ));
    let starts = [
        "error: orders.csv: row 2, column placed_s: found \"-5\", expected seconds since the start of the run, at least 0",
        "error: orders.csv: row 3, column placed_s: found \"NaN\", expected seconds since the start of the run",
        "error: orders.csv: row 4, column placed_s: found \"abc\"",
        "error: orders.csv: row 4, column x_m: found \"zero\", expected metres",
        "error: orders.csv: row 4, column store: found \"SKU-9\", expected the store_id of a store\n  help: nearest: \"SKU-90\"",
        "error: orders.csv: row 5, column order_id: found \"o3\", expected an id of its own; row 4 has this one",
        "error: orders.csv: row 5, column value_yuan: found \"-1\"",
        "error: orders.csv: row 5, column quantity: found \"0.5\"",
        "error: orders.csv: row 6, column order_id: found \"o1\", expected an id of its own; row 2 has this one",
        "error: orders.csv: row 6, column value_yuan: found \"inf\"",
        "error: orders.csv: row 6, column quantity: found \"1e99\"",
        "error: orders.csv: row 7, column order_id: found an empty cell, expected an id",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}\nshould start with\n{start}");
    }
}

#[test]
fn ready_before_placement_and_ready_beside_picking_contradict() {
    let problems = told(orders_of("order_id,placed_s,x_m,y_m,ready_s,pick_s\no1,10,0,0,9,\no2,10,0,0,20,30\n"));
    assert!(problems[0].contains("expected a second at or after placed_s, 10"), "{}", problems[0]);
    assert!(problems[1].contains("row 3, column pick_s"), "{}", problems[1]);
    assert_eq!(problems.len(), 2);
}

#[test]
fn long_lists_of_problems_end_with_a_count() {
    let rows: String = (0..200).map(|order| format!("o{order},x,0,0\n")).collect();
    let problems = told(orders_of(&format!("order_id,placed_s,x_m,y_m\n{rows}")));
    assert_eq!(problems.len(), 51);
    assert_eq!(problems[50], "error: orders.csv: and 150 more problems in this file");
}

#[test]
fn shifts_of_repeated_rows_are_gathered_in_order() {
    let rows =
        couriers_of("courier_id,x_m,y_m,on_s,off_s,fleet\na,0,0,500,600,n\nb,1,1,0,9,n\na,0,0,100,500,n\n").unwrap();
    assert_eq!((rows.len(), rows[0].id.as_str(), rows[0].row), (2, "a", 2));
    assert_eq!(rows[0].shifts_s, [(100.0, 500.0), (500.0, 600.0)]);
}

#[test]
fn shifts_that_end_early_overlap_or_move_are_problems() {
    let problems =
        told(couriers_of("courier_id,x_m,y_m,on_s,off_s\na,0,0,50,40\nb,0,0,0,100\nb,0,0,50,150\nb,7,0,200,300\n"));
    assert!(problems[0].contains("row 2, column off_s: found \"40\", expected a second at or after on_s, 50"));
    assert!(problems[0].contains("86400"));
    assert!(problems[1].contains("row 4, column off_s") && problems[1].contains("0 to 100 s"), "{}", problems[1]);
    assert!(problems[2].contains("row 5") && problems[2].contains("same place as in row 3"), "{}", problems[2]);
}

#[test]
fn place_columns_must_be_of_one_kind_and_complete() {
    let mixed = told(orders_of("order_id,placed_s,x_m,lat\n"));
    assert!(mixed[0].contains("places in metres (x_m, y_m) and in degrees (lon, lat)"), "{}", mixed[0]);
    let half = told(orders_of("order_id,placed_s,lon\n"));
    assert!(half[0].contains("no column lat"), "{}", half[0]);
    let none = told(orders_of("order_id,placed_s\n"));
    assert!(none[0].contains("no place columns"), "{}", none[0]);
    let metres = parse("o.csv", b"order_id,placed_s,x_m,y_m\n".to_vec(), COMMA).unwrap();
    let haversine = told(orders(&metres, &Known::only(Metric::Haversine)));
    assert!(haversine[0].contains("city.metric is \"haversine\""), "{}", haversine[0]);
    let matrix = told(orders(&metres, &Known::only(Metric::Matrix)));
    assert!(matrix[0].contains("no column place"), "{}", matrix[0]);
}

#[test]
fn swapped_degrees_are_suspected() {
    let problems = told(orders_of("order_id,placed_s,lon,lat\no1,1,31.2,121.4\no2,1,200,31\n"));
    assert!(problems[0].contains("row 2, column lat") && problems[0].contains("swapped?"), "{}", problems[0]);
    assert!(problems[1].contains("row 3, column lon: found \"200\""), "{}", problems[1]);
}

#[test]
fn matrix_rows_must_exist() {
    let known = Known { matrix_places: Some(3), ..Known::only(Metric::Matrix) };
    let orders = orders(&table("o.csv", "order_id,placed_s,place\na,0,2\nb,0,3\nc,0,\nd,0,1.5\n"), &known);
    let problems = told(orders);
    assert!(problems[0].contains("row 3, column place: found \"3\""), "{}", problems[0]);
    assert!(problems[0].contains("a row of the travel-time matrix, 0 to 2"), "{}", problems[0]);
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

#[test]
fn a_matrix_needs_every_pair_once() {
    let matrix = matrix(&table("m.csv", "from,to,seconds\n0,1,30\n1,0,40.5\n")).unwrap();
    assert_eq!(matrix, Matrix::new(2, vec![0.0, 30.0, 40.5, 0.0]));
    let problems = told(super::matrix(&table("m.csv", "from,to,seconds\n0,1,30\n0,1,31\n")));
    assert!(problems[0].contains("row 3") && problems[1].contains("no row from 1 to 0"), "{problems:#?}");
}

#[test]
fn a_matrix_may_lead_to_the_first_places_only_if_places_have_coordinates() {
    let text = "from,to,seconds\n2,0,30\n2,1,40\n3,0,50\n3,1,60\n0,1,7\n";
    let block = matrix(&table("m.csv", text)).unwrap();
    assert_eq!((block.places(), block.nodes()), (4, 2));
    let problems = told(matrix(&table("m.csv", "from,to,seconds\n2,0,30\n2,1,40\n3,0,50\n")));
    assert!(problems.len() == 1 && problems[0].contains("no row from 3 to 1"), "{problems:#?}");
    let orders = ("orders.csv", "order_id,placed_s,place,lon,lat\no1,1,3,121,31\n");
    let check = |stores: &str| {
        let folder = Folder::of(&[("matrix.csv", text), ("stores.csv", stores), orders]);
        read(&folder.files(), Known::only(Metric::Matrix))
    };
    assert!(check("store_id,place,lon,lat\ns1,1,121,31\n").is_ok());
    let problems = told(check("store_id,place,lon,lat\ns1,2,121,31\n"));
    assert!(problems[0].contains("column place: found \"2\"") && problems[0].contains("0 to 1"), "{problems:#?}");
    let problems = told(check("store_id,place\ns1,1\n"));
    assert!(problems[0].contains("stores.csv: row 2: found a place without coordinates"), "{problems:#?}");
}

#[test]
fn couriers_of_a_store_stand_there_and_have_no_fleet_beside_it() {
    let check = |couriers: &str| {
        let stores = ("stores.csv", "store_id,x_m,y_m\ns1,0,0\ns2,9,0\n");
        read(&Folder::of(&[stores, ("couriers.csv", couriers)]).files(), known())
    };
    let rows = check("courier_id,x_m,y_m,on_s,off_s,store\nc1,9,0,0,9,s2\nc2,1,0,0,9,\n").unwrap();
    let stores: Vec<_> = rows.couriers.unwrap().iter().map(|courier| courier.store).collect();
    assert_eq!(stores, [Some(1), None]);
    let problems = told(check("courier_id,x_m,y_m,on_s,off_s,store\nc1,1,0,0,9,s2\nc2,9,0,0,9,s3\n"));
    assert!(problems[0].contains("column store: found \"s3\""), "{problems:#?}");
    let problems = told(check("courier_id,x_m,y_m,on_s,off_s,store\nc1,1,0,0,9,s2\n"));
    assert!(problems[0].contains("courier \"c1\" elsewhere than their store \"s2\""), "{problems:#?}");
    let text = "courier_id,x_m,y_m,on_s,off_s,store,fleet\nc1,9,0,0,9,s2,near\n";
    assert!(told(check(text)).iter().any(|problem| problem.contains("a fleet or for one store")));
}

#[test]
fn points_need_somebody_living_somewhere() {
    let read = |text| points(&table("p.csv", text), &known());
    assert_eq!(read("x_m,y_m\n1,2\n").unwrap()[0].weight, 1.0);
    assert!(told(read("x_m,y_m,weight\n1,2,0\n"))[0].contains("only weights of 0"));
    assert!(told(read("x_m,y_m\n"))[0].contains("no points"));
}

#[test]
fn stores_take_words_of_the_scenario_only() {
    let text = "store_id,lon,lat,archetype,channel,pickers,open_h,radius_km\n\
                s1,121,31,supermarket,far,2,7,3\ns2,121,31,supermarkt,nah,2.5,25,-1\n";
    let problems = told(stores(&table("stores.csv", text), &known()));
    assert!(problems[0].contains("column archetype") && problems[0].contains("nearest: \"supermarket\""));
    assert_eq!(problems.len(), 5, "{problems:#?}");
    let one = stores(&table("stores.csv", text.split_once("s2").unwrap().0), &known()).unwrap();
    assert_eq!((one[0].archetype, one[0].channel, one[0].pickers), (Some(1), Some(Channel::Far), Some(2)));
    assert_eq!(one[0].place.coordinates, Some(Coordinates::LonLat(LonLat { lon: 121.0, lat: 31.0 })));
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Folder(folder)
    }
    fn files(&self) -> Files {
        let path = |name: &str| Some(self.0.path().join(name)).filter(|path| path.exists());
        Files {
            stores: path("stores.csv"),
            couriers: path("couriers.csv"),
            orders: path("orders.csv"),
            points: path("points.csv"),
            matrix: path("matrix.csv"),
        }
    }
}

#[test]
fn files_are_checked_against_each_other() {
    let folder = Folder::of(&[
        ("stores.csv", "store_id,x_m,y_m,fleet\ns1,0,0,red\n"),
        ("couriers.csv", "courier_id,x_m,y_m,on_s,off_s,fleet\nc1,0,0,0,9,rad\n"),
        ("orders.csv", "order_id,placed_s,x_m,y_m,store\no1,1,0,0,s2\n"),
    ]);
    let problems = told(read(&folder.files(), known()));
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("row 2, column fleet: found \"rad\"") && problems[0].contains("nearest: \"red\""));
    assert!(problems[1].contains("row 2, column store: found \"s2\"") && problems[1].contains("nearest: \"s1\""));
}

#[test]
fn a_broken_stores_file_does_not_blame_the_orders() {
    let folder = Folder::of(&[
        ("stores.csv", "store_id,x_m,y_m\ns1,a,0\n"),
        ("orders.csv", "order_id,placed_s,x_m,y_m,store\no1,1,b,0,s1\n"),
    ]);
    let problems = told(read(&folder.files(), known()));
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(problems[1].contains("column x_m"), "{}", problems[1]);
}

#[test]
fn coordinates_of_two_kinds_or_two_cities_are_problems() {
    let folder = Folder::of(&[
        ("stores.csv", "store_id,x_m,y_m\ns1,0,0\n"),
        ("orders.csv", "order_id,placed_s,lon,lat\no1,1,121,31\n"),
    ]);
    assert!(told(read(&folder.files(), known()))[0].contains("places in degrees (lon, lat), expected metres"));
    let folder = Folder::of(&[("orders.csv", "order_id,placed_s,lon,lat\no1,1,121,31\no2,1,0,0\no3,1,121.1,31\n")]);
    let problems = told(read(&folder.files(), known()));
    assert!(problems.len() == 1 && problems[0].contains("row 3: found lon 0, lat 0"), "{problems:#?}");
}
