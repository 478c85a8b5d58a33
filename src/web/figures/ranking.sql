-- Which products do the figures of a page show, and how many are there?
-- It takes longer than all else of them, so it is read once and given to each; a figure by itself ranks them anew.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:each_product,

:shown,

:best,

:counted

select
    json_build_object(
        'shown', (select coalesce(json_agg(shown), '[]') from shown),
        'best', (select coalesce(json_agg(best), '[]') from best),
        'counted', (select coalesce(json_agg(counted), '[]') from counted)
    )
