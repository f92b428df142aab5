namespace Wombat.Application.Common;

/// <summary>How a list is cut and ordered. Made by the endpoint from <c>limit</c>, <c>cursor</c>, <c>sort</c>, <c>include_total</c>.</summary>
public sealed record PageRequest(int? Limit = null, string? Cursor = null, string? Sort = null, bool IncludeTotal = false)
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 200;

    public int Take => Limit ?? DefaultLimit;
}
