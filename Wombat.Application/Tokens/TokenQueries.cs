using Wombat.Application.Common;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>Queries that the two kinds of token share.</summary>
internal static class TokenQueries
{
    /// <summary>A page of those that are not revoked, oldest first.</summary>
    public static Task<Page<TokenDto>> ToPageAsync(this IQueryable<AccessToken> tokens, PageRequest page, CancellationToken cancel) =>
        tokens.Where(t => t.RevokedAt == null).PageByAgeAsync(page, CreatedAtPaging.Sort, t => TokenDto.From(t), t => t.Id, cancel);
}
