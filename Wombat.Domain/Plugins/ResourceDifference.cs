namespace Wombat.Domain.Plugins;

/// <summary>A difference between a resource and what was requested, because somebody changed it outside Wombat. Holds no secret.</summary>
/// <param name="Field">
/// What differs: a field of the spec such as <c>max_connections</c>, <c>settings.</c> and the name of a setting, or a part of the resource
/// in the outside system. Unique among the differences of a resource.
/// </param>
/// <param name="Expected">As requested; null when there should be nothing.</param>
/// <param name="Actual">As observed; null when it is missing.</param>
public sealed record ResourceDifference(string Field, string? Expected, string? Actual);
