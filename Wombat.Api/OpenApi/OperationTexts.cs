namespace Wombat.Api.OpenApi;

/// <summary>What the OpenAPI document says of each operation: a summary and a description.</summary>
internal static class OperationTexts
{
    private const string Accepted = "The answer is 202 with the job that does the work: its id is in job_id and in Location.";

    public static readonly IReadOnlyDictionary<string, (string Summary, string Description)> All = new Dictionary<string, (string, string)>(
        StringComparer.Ordinal
    )
    {
        ["CreateProject"] = ("Create a project", "The user who creates a project becomes its manager."),
        ["ListProjects"] = ("List projects", "The projects that the caller can read, the newest first."),
        ["GetProject"] = ("Get a project", "Reads one project, with what the caller may do with it."),
        ["UpdateProject"] = ("Replace a project", "Sets all fields; one that is absent gets its default."),
        ["PatchProject"] = ("Change a project", "A merge patch (RFC 7396): fields that are absent keep their values."),
        ["DeleteProject"] = (
            "Delete a project",
            "A project that still holds containers is deleted only with cascade=true, which deletes them first. " + Accepted
        ),
        ["AddMember"] = ("Add a member", "Gives a user a role in the project."),
        ["ListMembers"] = ("List members", "The project's members and their roles, by login."),
        ["ChangeMember"] = ("Change a member's role", "The last manager of a project cannot get another role."),
        ["RemoveMember"] = (
            "Remove a member",
            "Takes the user's role in the project, removes the SSH keys that the user gave to its containers, "
                + "and revokes the project's tokens that the user created, unless keep_tokens=true. The last active manager cannot be "
                + "removed."
        ),
        ["CreateProjectToken"] = (
            "Create a token of a project",
            "A service account that acts in this project alone. The answer shows the secret, once."
        ),
        ["ListProjectTokens"] = ("List tokens of a project", "The tokens that are not revoked, without their secrets."),
        ["RevokeProjectToken"] = ("Revoke a token of a project", "The token is refused from now on."),
        ["CreateUserToken"] = (
            "Create a token of a user",
            "A token never has a wider scope than the credential that creates it. The answer shows the secret, once."
        ),
        ["ListUserTokens"] = ("List tokens of a user", "The tokens that are not revoked, without their secrets."),
        ["RevokeUserToken"] = ("Revoke a token of a user", "The token is refused from now on."),
        ["SignIn"] = (
            "Sign in by password",
            "Opens a session in the cookie wombat_session. Requests that change something send csrf_token in the header X-CSRF-Token."
        ),
        ["GetIdentity"] = ("Get the caller's identity", "Which user or service account the credential belongs to, and what it allows."),
        ["SignOut"] = ("Sign out", "Ends the session of the cookie."),
        ["BeginProviderSignIn"] = ("Begin a sign-in at the OpenID provider", "For browsers: redirects to the provider."),
        ["CompleteProviderSignIn"] = ("Complete a sign-in at the OpenID provider", "For browsers: the provider redirects to this address."),
        ["EndProviderSessions"] = (
            "Receive a logout of the OpenID provider",
            "OpenID Connect Back-Channel Logout: the provider says that a session has ended."
        ),
        ["ListSessions"] = ("List sessions of a user", "The open sessions of a user."),
        ["EndSession"] = ("End a session", "Signs the user out of one session."),
        ["SetPassword"] = (
            "Set a password",
            "Ends all other sessions of the user. An admin needs no current password to set another user's."
        ),
        ["CreateUser"] = ("Create a user", "Without a password the user signs in by the LDAP directory or an OpenID provider."),
        ["ListUsers"] = ("List users", "All users, by login. With login= the one user of that login."),
        ["GetUser"] = ("Get a user", "Reads one user."),
        ["GetOwnUser"] = ("Get the caller's user", "404 for a project's token and for the bootstrap admin token, which belong to no user."),
        ["UpdateUser"] = ("Replace a user", "Sets all fields; one that is absent gets its default."),
        ["PatchUser"] = ("Change a user", "A merge patch (RFC 7396): fields that are absent keep their values."),
        ["SyncDirectory"] = (
            "Synchronize with the LDAP directory",
            "Takes users and roles from the directory; the job's log is the report. " + Accepted
        ),
        ["AddSshKey"] = ("Add an SSH key", "The keys of a project's managers and developers open its containers."),
        ["ListSshKeys"] = ("List SSH keys", "The public keys of a user."),
        ["DeleteSshKey"] = ("Delete an SSH key", "The key is also removed from running containers."),
        ["LinkIdentity"] = ("Link an identity", "Who signs in with this identity of an OpenID provider or token issuer acts as the user."),
        ["ListIdentities"] = ("List identities", "The identities that are linked with a user."),
        ["UnlinkIdentity"] = ("Unlink an identity", "The identity no longer belongs to the user."),
        ["ListContainers"] = (
            "List containers",
            "The containers of all projects that the caller can read, the newest first. Deleted ones only with status=deleted."
        ),
        ["CreateContainer"] = ("Create a container", Accepted),
        ["PlanContainer"] = ("Plan a container", "Tells what creating the container would do and what prevents it. Changes nothing."),
        ["ListProjectContainers"] = (
            "List containers of a project",
            "The project's containers, the newest first. Deleted ones only with status=deleted."
        ),
        ["GetContainer"] = ("Get a container", "Reads one container, with what the caller may do with it."),
        ["ListContainerKeys"] = (
            "List SSH keys of a container",
            "The public keys that open the container, and the users or tokens to whom they belong."
        ),
        ["DeleteContainer"] = ("Delete a container", "Cancels its unfinished jobs first. " + Accepted),
        ["ForgetContainer"] = (
            "Forget a container",
            "Removes a container from Wombat whose server is gone for good. Nothing is deleted on the server."
        ),
        ["StartContainer"] = ("Start a container", Accepted),
        ["StopContainer"] = ("Stop a container", Accepted),
        ["RestartContainer"] = ("Restart a container", Accepted),
        ["ListJobs"] = ("List jobs", "The jobs of all projects that the caller can read, the newest first."),
        ["GetJob"] = ("Get a job", "With wait= the answer comes when the job has ended, or with the job as it is after that time."),
        ["GetJobLog"] = (
            "Get a job's log",
            "A page of lines as JSON. With Accept: text/event-stream, as a WebSocket, or with follow=true as text, the lines "
                + "as they are written, until the job has ended; the end says how it ended."
        ),
        ["CancelJob"] = ("Cancel a job", "A waiting job ends at once; a running one when its processes are gone."),
        ["RetryJob"] = ("Retry a job", "Queues a failed or cancelled job again."),
        ["ListEvents"] = (
            "List events",
            "A page as JSON, the oldest first. With Accept: text/event-stream the events "
                + "as they happen, resumed by Last-Event-ID; with Accept: application/x-ndjson all that match, one a line."
        ),
        ["VerifyAudit"] = ("Verify the audit", "Computes the hash chain of all events anew and checks its signatures."),
        ["ListPlugins"] = ("List plugins", "The plugins, their templates and their health."),
    };
}
