select citizenship
from {{ ref('small_citizenship_history') }}
where known_to_seq is null
