{% macro family_threshold(tests) -%}
{#- The surprise that a cell must reach: the tests of all months of fifty years share an error of 1 %. -#}
ln({{ tests }} * 50 * 12 / 0.01)
{%- endmacro %}

{% macro basis_rank(basis) -%}
{#- Which of several bases names a community: the first of these. -#}
list_position(['citizenship', 'birth_country', 'ethnicity', 'host_type'], {{ basis }})
{%- endmacro %}

{% macro may_stand(cell) -%}
{#- Whether a group whose community was found in other months may be one in this month too: a third of the fewest of
    whom one is found, the quotient that it is asked for, and an excess by a bound of its own. -#}
3 * {{ cell }}.persons >= 50 and {{ cell }}.location_quotient >= 2 and {{ cell }}.lower > 1
{%- endmacro %}

{% macro value_of(member, basis) -%}
{#- What a member is on a basis. -#}
case {{ basis }}
    when 'citizenship' then {{ member }}.citizenship
    when 'birth_country' then {{ member }}.birth_country
    when 'ethnicity' then {{ member }}.ethnicity
    else {{ member }}.host_type
end
{%- endmacro %}
