using System.Text.Json.Serialization;
using Wombat.Domain.Access;
using Wombat.Domain.Tokens;

namespace Wombat.Application.Tokens;

/// <summary>An access token.</summary>
/// <param name="Name">What the token is for, or the name of the service account.</param>
/// <param name="Scopes">The scope and those that it includes.</param>
/// <param name="ProjectId">The only project that it reaches; null for every project of its user.</param>
/// <param name="CreatedById">The user who created it; null if no user did.</param>
/// <param name="Token">The secret; only in the answer to its creation.</param>
public sealed record TokenDto(
    Guid Id,
    string Name,
    IReadOnlyList<TokenScope> Scopes,
    Guid? ProjectId,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    Guid? CreatedById,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Token = null
)
{
    public static TokenDto From(AccessToken t, string? secret = null) =>
        new(
            t.Id,
            t.Name,
            [.. Enum.GetValues<TokenScope>().Where(s => s <= t.Scope)],
            t.ProjectId,
            t.CreatedAt,
            t.CreatedBy,
            t.CreatedById,
            t.ExpiresAt,
            t.LastUsedAt,
            secret
        );
}
