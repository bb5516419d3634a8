select citizenship
from {{ ref('person') }}
where citizenship is not null
group by citizenship
having count(*) < 100
