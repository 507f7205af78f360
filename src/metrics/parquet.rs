//! Tables as Parquet files.

use super::MetricsError;
use polars::prelude::DataFrame;
use polars_io::parquet::write::{KeyValueMetadata, ParquetCompression, ParquetWriter};

/// The Parquet file (zstd) of a table, with `metadata` as file-level key and value pairs.
/// Equal tables give equal bytes: one thread writes, and chunks are joined first.
pub fn parquet_bytes(table: &DataFrame, metadata: &[(&str, String)]) -> Result<Vec<u8>, MetricsError> {
    let mut table = table.clone();
    table.rechunk_mut();
    let pairs = metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(pairs)))
        .set_parallel(false)
        .finish(&mut table)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::Frames;
    use super::*;
    use crate::testing::small_run;
    use polars_io::prelude::{ParquetReader, SerReader};

    #[test]
    fn a_table_comes_back_from_its_file_and_equal_tables_give_equal_bytes() {
        let run = small_run();
        let one = |i| Frames::from_log(&run.scenario, &run.city, &run.log, i).unwrap();
        let bytes = || {
            let stacked = Frames::concat(vec![one(0), one(1)]).unwrap().orders;
            parquet_bytes(&stacked, &[("nearfar.orders.schema", "1".to_owned())]).unwrap()
        };
        let first = bytes();
        assert_eq!(first, bytes());
        let read = ParquetReader::new(std::io::Cursor::new(&first)).finish().unwrap();
        assert!(read.equals_missing(&Frames::concat(vec![one(0), one(1)]).unwrap().orders));
        assert!(first.windows(21).any(|w| w == b"nearfar.orders.schema"), "the file names its schema version");
    }
}
