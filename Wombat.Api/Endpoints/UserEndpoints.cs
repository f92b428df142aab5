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
        users.MapPost("/", CreateAsync).WithName("CreateUser").Produces<UserDto>(201).Fails(409).AcceptsIdempotencyKey();
        users.MapGet("/", ListAsync).WithName("ListUsers").Produces<Page<UserDto>>();
        users.MapGet("/me", GetOwnAsync).WithName("GetOwnUser").Produces<UserDto>().Fails(404);
        users.MapGet("/{id}", GetAsync).WithName("GetUser").Produces<UserDto>().Fails(404);
        users.MapPut("/{id}", UpdateAsync).WithName("UpdateUser").Produces<UserDto>().Fails(404, 409, 412);
        users.MapPatch("/{id}", PatchAsync).WithName("PatchUser").Produces<UserDto>().Fails(404, 409, 412);
        api.MapPost("/directory/sync", SyncAsync)
            .WithTags("Users")
            .WithName("SyncDirectory")
            .Produces<AcceptedJob>(202)
            .Fails(409)
            .AcceptsIdempotencyKey();
        users.MapPost("/{id}/ssh-keys", AddKeyAsync).WithName("AddSshKey").Produces<SshKeyDto>(201).Fails(404, 409).AcceptsIdempotencyKey();
        users.MapGet("/{id}/ssh-keys", ListKeysAsync).WithName("ListSshKeys").Produces<Page<SshKeyDto>>().Fails(404);
        users.MapDelete("/{id}/ssh-keys/{key_id}", DeleteKeyAsync).WithName("DeleteSshKey").Produces(204).Fails(404);
        users
            .MapPost("/{id}/identities", LinkAsync)
            .WithName("LinkIdentity")
            .Produces<IdentityDto>(201)
            .Fails(404, 409)
            .AcceptsIdempotencyKey();
        users.MapGet("/{id}/identities", ListIdentitiesAsync).WithName("ListIdentities").Produces<Page<IdentityDto>>().Fails(404);
        users.MapDelete("/{id}/identities", UnlinkAsync).WithName("UnlinkIdentity").Produces(204).Fails(404);
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
