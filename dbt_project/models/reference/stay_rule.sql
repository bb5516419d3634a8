select * exclude (known_from_seq, known_to_seq)
from {{ ref('stay_rule_history') }}
where known_to_seq is null
