namespace Wombat.Application.Common;

/// <summary>The sort keys of each list, for its validator and the OpenAPI document.</summary>
public static class SortNames
{
    public static readonly string[] Projects = ["created_at", "updated_at", "name", "unix_name"];
    public static readonly string[] Resources = ["created_at", "name"];
    public static readonly string[] Users = ["login", "created_at"];
    public static readonly string[] Members = ["login"];
    public static readonly string[] Identities = ["issuer"];
    public static readonly string[] Events = ["position"];
    public static readonly string[] ByCreatedAt = [CreatedAtPaging.Sort];

    /// <summary>The sort keys of an operation; null if it is not a list.</summary>
    public static string[]? Of(string operation) =>
        operation switch
        {
            "ListProjects" => Projects,
            "ListContainers" or "ListProjectContainers" => Resources,
            "ListUsers" => Users,
            "ListMembers" => Members,
            "ListIdentities" => Identities,
            "ListEvents" => Events,
            "ListJobs" or "ListSessions" or "ListSshKeys" or "ListUserTokens" or "ListProjectTokens" => ByCreatedAt,
            _ => null,
        };
}
