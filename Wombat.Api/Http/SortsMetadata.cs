namespace Wombat.Api.Http;

/// <summary>The sort keys of a list endpoint.</summary>
internal sealed record SortsMetadata(IReadOnlyList<string> Keys);
