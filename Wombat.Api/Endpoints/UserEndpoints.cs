using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Api.Http;
using Wombat.Application.Common;
using Wombat.Application.Directories;
using Wombat.Application.Jobs;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Api.Endpoints;

internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users");
        users
            .MapPost("/", CreateAsync)
            .WithName("CreateUser")
            .WithSummary("Create a user")
            .WithDescription("Without a password the user signs in by the LDAP directory or an OpenID provider.")
            .Produces<UserDto>(201)
            .Fails(409)
            .AcceptsIdempotencyKey();
        users
            .MapGet("/", ListAsync)
            .WithName("ListUsers")
            .WithSummary("List users")
            .WithDescription("All users, by login. With login= the one user of that login.")
            .Sorts(SortNames.Users)
            .Produces<Page<UserDto>>();
        users
            .MapGet("/me", GetOwnAsync)
            .WithName("GetOwnUser")
            .WithSummary("Get the caller's user")
            .WithDescription("404 for a project's token and for the bootstrap admin token, which belong to no user.")
            .Produces<UserDto>()
            .Fails(404);
        users
            .MapGet("/{id}", GetAsync)
            .WithName("GetUser")
            .WithSummary("Get a user")
            .WithDescription("Reads one user.")
            .Produces<UserDto>()
            .Fails(404);
        users
            .MapPut("/{id}", UpdateAsync)
            .WithName("UpdateUser")
            .WithSummary("Replace a user")
            .WithDescription("Sets all fields; one that is absent gets its default.")
            .Produces<UserDto>()
            .Fails(404, 409, 412);
        users
            .MapPatch("/{id}", PatchAsync)
            .WithName("PatchUser")
            .WithSummary("Change a user")
            .WithDescription("A merge patch (RFC 7396): fields that are absent keep their values.")
            .Produces<UserDto>()
            .Fails(404, 409, 412);
        api.MapPost("/directory/sync", SyncAsync)
            .WithTags("Users")
            .WithName("SyncDirectory")
            .WithSummary("Synchronize with the LDAP directory")
            .WithDescription("Takes users and roles from the directory; the job's log is the report.")
            .Produces<AcceptedJob>(202)
            .Fails(409)
            .AcceptsIdempotencyKey();
        users
            .MapPost("/{id}/ssh-keys", AddKeyAsync)
            .WithName("AddSshKey")
            .WithSummary("Add an SSH key")
            .WithDescription("The keys of a project's managers and developers open its containers.")
            .Produces<SshKeyDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        users
            .MapGet("/{id}/ssh-keys", ListKeysAsync)
            .WithName("ListSshKeys")
            .WithSummary("List SSH keys")
            .WithDescription("The public keys of a user.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<SshKeyDto>>()
            .Fails(404);
        users
            .MapDelete("/{id}/ssh-keys/{key_id}", DeleteKeyAsync)
            .WithName("DeleteSshKey")
            .WithSummary("Delete an SSH key")
            .WithDescription("The key is also removed from running containers.")
            .Produces(204)
            .Fails(404);
        users
            .MapPost("/{id}/identities", LinkAsync)
            .WithName("LinkIdentity")
            .WithSummary("Link an identity")
            .WithDescription("Who signs in with this identity of an OpenID provider or token issuer acts as the user.")
            .Produces<IdentityDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        users
            .MapGet("/{id}/identities", ListIdentitiesAsync)
            .WithName("ListIdentities")
            .WithSummary("List identities")
            .WithDescription("The identities that are linked with a user.")
            .Sorts(SortNames.Identities)
            .Produces<Page<IdentityDto>>()
            .Fails(404);
        users
            .MapDelete("/{id}/identities", UnlinkAsync)
            .WithName("UnlinkIdentity")
            .WithSummary("Unlink an identity")
            .WithDescription("The identity no longer belongs to the user.")
            .Produces(204)
            .Fails(404);
    }

    private static async Task<IResult> CreateAsync(CreateUserBody body, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Created(await mediator.Send(new CreateUser(body.Login!, body.Details, body.Password), cancel));

    private static Task<Page<UserDto>> ListAsync(
        IMediator mediator,
        [AsParameters] PageQuery page,
        string? q,
        string? login,
        bool? active,
        string? role,
        CancellationToken cancel
    ) => mediator.Send(new ListUsers(page.ToRequest(), q, login, active, EnumQuery.Parse<PlatformRole>("role", role)), cancel);

    private static async Task<IResult> GetAsync(Guid id, IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetUser(id), cancel));

    private static async Task<IResult> GetOwnAsync(IMediator mediator, CancellationToken cancel) =>
        ApiResults.Ok(await mediator.Send(new GetOwnUser(), cancel));

    private static async Task<IResult> UpdateAsync(
        Guid id,
        UpdateUserBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateUser(id, body.Login, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> PatchAsync(
        Guid id,
        PatchUserBody body,
        HttpContext http,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Ok(await mediator.Send(new UpdateUser(id, body.Login.Value, body.ToChanges(), ApiResults.IfMatch(http)), cancel));

    private static async Task<IResult> SyncAsync(
        [FromQuery(Name = "dry_run")] bool? dryRun,
        IMediator mediator,
        CancellationToken cancel
    ) => ApiResults.Accepted(await mediator.Send(new SyncDirectory(dryRun ?? false), cancel));

    private static async Task<IResult> LinkAsync(Guid id, LinkIdentityBody body, IMediator mediator, CancellationToken cancel) =>
        TypedResults.Created(
            $"/api/v1/users/{id}/identities",
            await mediator.Send(new LinkIdentity(id, body.Issuer, body.Subject), cancel)
        );

    private static Task<Page<IdentityDto>> ListIdentitiesAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        CancellationToken cancel
    ) => mediator.Send(new ListIdentities(id, page.ToRequest()), cancel);

    private static async Task<IResult> UnlinkAsync(Guid id, string? issuer, string? subject, IMediator mediator, CancellationToken cancel)
    {
        await mediator.Send(new UnlinkIdentity(id, issuer, subject), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AddKeyAsync(Guid id, AddSshKeyBody body, IMediator mediator, CancellationToken cancel)
    {
        var key = await mediator.Send(new AddSshKey(id, body.Name, body.PublicKey!), cancel);
        return TypedResults.Created($"/api/v1/users/{id}/ssh-keys/{key.Id}", key);
    }

    private static Task<Page<SshKeyDto>> ListKeysAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        CancellationToken cancel
    ) => mediator.Send(new ListSshKeys(id, page.ToRequest()), cancel);

    private static async Task<IResult> DeleteKeyAsync(
        Guid id,
        [FromRoute(Name = "key_id")] Guid keyId,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        await mediator.Send(new DeleteSshKey(id, keyId), cancel);
        return TypedResults.NoContent();
    }
}
