namespace Wombat.Api.Http;

/// <summary>Marks the endpoint of the web page, whose responses have a policy of their own.</summary>
internal sealed record PageMetadata;
