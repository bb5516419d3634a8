{% macro latest_birth_day(partial) -%}
{#- The last day on which whoever has this birth date, maybe a partial one, can have been born. -#}
case length({{ partial }})
    when 4 then try_cast({{ partial }} || '-12-31' as date)
    when 7 then last_day(try_cast({{ partial }} || '-01' as date))
    when 10 then try_cast({{ partial }} as date)
end
{%- endmacro %}
