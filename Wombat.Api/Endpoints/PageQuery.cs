using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;

namespace Wombat.Api.Endpoints;

/// <summary>The parameters that every list takes.</summary>
internal readonly record struct PageQuery(
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "sort")] string? Sort,
    [FromQuery(Name = "include_total")] bool? IncludeTotal
)
{
    public PageRequest ToRequest() => new(Limit, Cursor, Sort, IncludeTotal ?? false);
}
