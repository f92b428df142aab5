using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <param name="Q">Part of the name or unix_name, in any case.</param>
/// <param name="UnixName">The whole unix_name.</param>
/// <param name="OfCaller">Only those of which the caller is a member.</param>
public sealed record ProjectFilter(
    string? Q = null,
    string? UnixName = null,
    string? Tag = null,
    Visibility? Visibility = null,
    bool? Active = null,
    bool OfCaller = false
)
{
    public bool IsEmpty => this is { Q: null, UnixName: null, Tag: null, Visibility: null, Active: null, OfCaller: false };
}
