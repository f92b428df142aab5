namespace Wombat.Application.Common;

/// <summary>Size, start and order of a page: the query parameters <c>limit</c>, <c>cursor</c>, <c>sort</c>, <c>include_total</c>.</summary>
public sealed record PageRequest(int? Limit = null, string? Cursor = null, string? Sort = null, bool IncludeTotal = false)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 200;

    public int Take => Limit ?? DefaultLimit;
}
