{{ config(
    materialized='incremental', incremental_strategy='bitemporal', unique_key=['record_id'],
    meta={'scope': 'record', 'feed': 'border_crossings'}
) }}

select
    record_id,
    {{ observation_id() }} as observation_id,
    event_at,
    happened_on as event_on,
    post_code,
    direction,
    purpose,
    citizenship,
    destination_kato,
    case when transport = 'air' then {{ flight_number('conveyance') }} end as flight,
    is_citizen_stripped,
    {{ opened_now() }}
from ({{ changed_records('border_crossings') }}) as record
