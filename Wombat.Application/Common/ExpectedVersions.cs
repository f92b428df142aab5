using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>The versions that the If-Match of a request names; any one of them allows the change.</summary>
public sealed record ExpectedVersions(params IReadOnlyCollection<int> Versions)
{
    public bool Include(int version) => Versions.Contains(version);

    /// <exception cref="StaleVersionException">The stored version is none of them.</exception>
    public void Ensure(int version)
    {
        if (!Include(version))
        {
            throw new StaleVersionException();
        }
    }
}
