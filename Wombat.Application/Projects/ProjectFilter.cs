using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <param name="Q">Part of the name or unix_name, in any case.</param>
/// <param name="UnixName">The whole unix_name.</param>
public sealed record ProjectFilter(
    string? Q = null,
    string? UnixName = null,
    string? Tag = null,
    Visibility? Visibility = null,
    bool? Active = null
)
{
    public bool IsEmpty => this is { Q: null, UnixName: null, Tag: null, Visibility: null, Active: null };
}
