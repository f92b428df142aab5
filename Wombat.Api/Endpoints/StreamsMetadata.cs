namespace Wombat.Api.Endpoints;

/// <summary>The media types of an endpoint's streams.</summary>
internal sealed record StreamsMetadata(IReadOnlyList<string> Types);
