using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A repository, with what is needed to read it.</summary>
/// <param name="Token">The access token; null for none.</param>
public sealed record GitAccess(GitSource Source, string? Token)
{
    // A record's default ToString would print the token.
    public override string ToString() => Source.Repository;
}
