namespace Wombat.Api.Endpoints;

/// <summary>The sort keys of a list endpoint.</summary>
internal sealed record SortsMetadata(IReadOnlyList<string> Keys);
