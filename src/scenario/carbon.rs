//! Room: scenario. The factor table of carbon: grams of CO2 equivalent by cause. Written like schema.rs.

use super::macros::section;

section! {
    /// Carbon: grams of CO2 equivalent that a delivered order causes. Near against far turns on these factors, so quote them
    /// with every figure. None of them changes what happens in the city.
    Carbon {
        /// A kilometre ridden by a courier, electricity and a share of the vehicle.
        courier_g_per_km: f64 = 12.0; "g/km", 0.0..=1e4, "asm: 1.5 kWh per 100 km at 0.55 kg/kWh, and the vehicle; R57 gives 57 g an order";
        /// Packaging of a near order.
        near_packaging_g: f64 = 60.0; "g/order", 0.0..=1e6, "asm; R58 gives 96 g a meal";
        /// Energy of the store for picking and keeping the goods of an order, also of a parcel that it sends.
        store_energy_g: f64 = 70.0; "g/order", 0.0..=1e6, "asm";
        /// Bringing the goods of an order to the store; without it near against far would be unfair.
        near_inbound_g: f64 = 40.0; "g/order", 0.0..=1e6, "asm";
        /// Transport of a parcel between cities and its sorting.
        far_transport_g: f64 = 270.0; "g/order", 0.0..=1e6, "R55: .27 kg a parcel";
        /// Share of the consumers who drive to the store to fetch an order; the others walk and emit nothing. For
        /// `pickup.enabled`.
        pickup_car_share: f64 = 0.0; "share", 0.0..=1.0, "asm: stores are within a walk; a trip by car undoes what pick-up saves";
        /// A kilometre by car, there and back. For `pickup_car_share` above 0.
        car_g_per_km: f64 = 150.0; "g/km", 0.0..=1e4, "asm: a compact petrol car";
        /// Packaging of an order fetched.
        pickup_packaging_g: f64 = 20.0; "g/order", 0.0..=1e6, "asm: a bag";
        /// Packaging of a parcel.
        far_packaging_g: f64 = 260.0; "g/order", 0.0..=1e6, "R56: .26 kg a parcel (our calculation)";
        /// Energy of the warehouse for an order.
        warehouse_energy_g: f64 = 0.0; "g/order", 0.0..=1e6, "asm: not in the published figures; 70 would put it on a par with stores";
        /// Last mile of a parcel, from the branch to the door, unless a courier of the city brings it.
        far_city_leg_g: f64 = 35.0; "g/order", 0.0..=1e6, "asm: about 3 km by electric bike";
        /// Transport of a parcel that comes by direct mail from abroad, instead of `far_transport_g`. For
        /// categories with an `abroad_share`.
        hub_transport_g: f64 = 4000.0; "g/order", 0.0..=1e6, "asm: 1 kg by air over 8,000 km at .5 kg per tonne-kilometre";
        /// The same from the forward stock node, its share of the bulk transport included.
        forward_transport_g: f64 = 400.0; "g/order", 0.0..=1e6, "asm: by sea, then as a parcel";
        /// Way back of a near order that is sent back, within the city. For categories with a `return_rate`.
        near_return_g: f64 = 35.0; "g/return", 0.0..=1e6, "asm, as far_city_leg_g";
        /// Way back of a parcel that is sent back.
        far_return_g: f64 = 305.0; "g/return", 0.0..=1e6, "asm: transport and city leg once more";
    }
}
