{{ config(
    materialized='incremental', incremental_strategy='changed_records', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'advance_passengers'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    {{ flight_number('flight') }} as flight,
    upper(departure_airport) as departure_airport,
    departs_on,
    departs_on + try_cast(departs_clock as time) as departs_at,
    upper(arrival_airport) as arrival_airport,
    arrives_on,
    arrives_on + try_cast(arrives_clock as time) as arrives_at
from ({{ changed_records('advance_passengers') }}) as record
where
    not is_citizen_stripped and coalesce(role, 'FL') = 'FL' and coalesce(list_type, '745') = '745'
    and happened_on is not null
