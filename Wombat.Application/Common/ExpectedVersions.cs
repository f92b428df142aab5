using Wombat.Domain.Common;

namespace Wombat.Application.Common;

/// <summary>The versions in the If-Match header of a request. The change is allowed if one of them matches.</summary>
public sealed record ExpectedVersions(params IReadOnlyCollection<int> Versions)
{
    public bool Include(int version) => Versions.Contains(version);

    /// <exception cref="StaleVersionException">None of the versions matches the stored one.</exception>
    public void Ensure(int version)
    {
        if (!Include(version))
        {
            throw new StaleVersionException();
        }
    }
}
